package load

import (
	"context"
	"io"
	"net"
	"sync"
)

// serveRelay copies bytes between each connection accepted by l and one of its own to upstream,
// until ctx ends: the least a proxy process can do.
func serveRelay(ctx context.Context, l net.Listener, upstream string) error {
	var wait sync.WaitGroup
	defer wait.Wait()
	for {
		client, err := l.Accept()
		if err != nil {
			return nil // ctx has ended and closed l
		}
		server, err := new(net.Dialer).DialContext(ctx, "tcp", upstream)
		if err != nil {
			client.Close()
			return err
		}
		end := context.AfterFunc(ctx, func() {
			client.Close()
			server.Close()
		})
		wait.Go(func() {
			copyBytes(server, client)
		})
		wait.Go(func() {
			copyBytes(client, server)
			end()
		})
	}
}

// copyBytes ends both connections when one direction has ended. It hides the connections' types,
// because splice, which io.Copy would use between them, is slower for messages this small.
func copyBytes(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	_, _ = io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{from})
}
