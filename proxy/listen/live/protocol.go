package live

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// protocol is what is spoken inside a WebSocket: a subprotocol.
type protocol struct {
	name   string
	input  string // the format's name, for ListSessions
	format formats.Format
	frame  frame
	decode func(document []byte) (ami.Message, error)
	// sequence is whether events carry their place in the log without being asked to.
	sequence bool
}

// protocols are all there are; the first is for those who ask for none.
var protocols = []protocol{
	{"ami.json", "json", formats.JSON{}, frame{bare: true}, formats.DecodeJSON, true},
	{"ami.xml", "xml", formats.XML{}, frame{bare: true}, formats.DecodeXML, false},
	{"ami", "standard", formats.Standard{}, frame{}, decodeText, false},
}

// tokenPrefix makes a subprotocol of a token: what a browser can say besides the address.
const tokenPrefix = "bearer."

var errProtocols = errors.New("the subprotocols are ami.json, ami.xml and ami")

// choose is the first protocol that the client asks for and that there is, and selected its name as it
// is answered, "" for who asks for none. token is what it shows itself by, if it does so here.
func choose(r *http.Request) (p protocol, selected, token string, err error) {
	asked := false
	for _, name := range websocket.Subprotocols(r) {
		if t, ok := strings.CutPrefix(name, tokenPrefix); ok {
			token = t
			continue
		}
		asked = true
		if i := slices.IndexFunc(protocols, func(p protocol) bool { return p.name == name }); i >= 0 && selected == "" {
			p, selected = protocols[i], name
		}
	}
	switch {
	case selected != "":
		return p, selected, token, nil
	case asked:
		return p, "", "", errProtocols
	}
	return protocols[0], "", token, nil
}

// decodeText makes an action of AMI's own text, with or without the blank line at its end.
func decodeText(document []byte) (ami.Message, error) {
	source := bytes.NewReader(append(bytes.TrimRight(document, "\r\n"), "\r\n\r\n"...))
	r := ami.NewReader(source, ami.ActionLimits)
	m, err := r.Read()
	if errors.Is(err, io.EOF) {
		return m, errors.New("there are no headers in it")
	}
	if err != nil {
		return m, err
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		return ami.Message{}, errors.New("there is something behind the action: each is a message of its own")
	}
	return m, nil
}
