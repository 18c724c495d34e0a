package load

import (
	"bufio"
	"net"
)

// greetClient plays the server's side of a login: the banner, and success whatever the secret. It returns the login.
func greetClient(conn net.Conn) (login message, err error) {
	if _, err := conn.Write([]byte(banner)); err != nil {
		return message{}, err
	}
	if login, err = readMessage(bufio.NewReader(conn)); err != nil {
		return message{}, err
	}
	_, err = conn.Write([]byte(replyTo(login).text))
	return login, err
}
