package load

import (
	"bufio"
	"net"
)

// greetClient plays the server's side of a login: the banner, and success whatever the secret.
func greetClient(conn net.Conn) error {
	if _, err := conn.Write([]byte(banner)); err != nil {
		return err
	}
	login, err := readMessage(bufio.NewReader(conn))
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte(replyTo(login).text))
	return err
}
