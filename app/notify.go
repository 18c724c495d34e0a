package app

import (
	"fmt"
	"net"
	"os"
)

// notify tells systemd what the service is doing (sd_notify(3)), where it has started it and wants to
// know: Type=notify or notify-reload.
func notify(state string) {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return // nobody listens
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte(state))
}

// notifyReloading is the state while a reload runs: systemd compares its time with that of its request.
func notifyReloading() {
	notify(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", monotonic()))
}
