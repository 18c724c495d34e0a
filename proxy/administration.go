package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/upstream"
)

// proxyVerb is a ProxyAction. The answer is queued for the asker.
type proxyVerb struct {
	everybody bool // not administrators alone
	quiet     bool // it changes nothing, and is not logged
	run       func(*asker, ami.Message)
}

// proxyVerbs by their names in lower case. Those about a client's own stream are localProxyVerbs.
var proxyVerbs = map[string]proxyVerb{
	"listiohandlers": {everybody: true, quiet: true, run: (*asker).listIOHandlers},
	"setautofilter":  {everybody: true, quiet: true, run: (*asker).setAutoFilter},
	"listsessions":   {quiet: true, run: func(a *asker, m ami.Message) { a.send(a.proxy.listSessions(m), "") }},
	"listservers":    {quiet: true, run: func(a *asker, m ami.Message) { a.send(a.proxy.listServers(m), "") }},
	"addserver":      {run: (*asker).addServer},
	"dropserver":     {run: (*asker).dropServer},
	"kick":           {run: (*asker).kick},
	"reload":         {run: (*asker).reload},
	"setloglevel":    {run: (*asker).setLogLevel},
}

// ErrKicked is why a client's connection ended that an administrator has disconnected.
var ErrKicked = errors.New("disconnected by an administrator")

// success and failure answer in the predecessor's words: one that could not be done is a Failure, one
// that was wrong an Error.
func (a *asker) success(m ami.Message, message string) {
	a.send(proxyResponse("Success", m).Add("Message", message).Message(), "")
}

func (a *asker) failure(m ami.Message, message string) {
	a.output.queue(proxyResponse("Failure", m).Add("Message", lineOf(message)).Message(), formats.Options{}, InvalidAction)
	a.output.wake()
}

// lineOf is a text as one line of a message.
func lineOf(text string) string { return lineEnds.Replace(text) }

var lineEnds = strings.NewReplacer("\r\n", "; ", "\n", "; ", "\r", "; ", "\x00", " ")

// defaultManagerPort is Asterisk's own (manager.c, DEFAULT_MANAGER_PORT).
const defaultManagerPort = "5038"

// addServer takes the headers that the predecessor took; there the server's name is its host's, here it
// may have another. What Events says does not matter: the proxy has them all.
func (a *asker) addServer(m ami.Message) {
	name := m.Get("Server")
	c := upstream.Config{
		Name: name, Username: m.Get("Username"), Secret: upstream.Secret(m.Get("Secret")),
		Address: net.JoinHostPort(cmp.Or(m.Get("Host"), name), cmp.Or(m.Get("Port"), defaultManagerPort)),
	}
	err := error(nil)
	if c.Secret == "" {
		err = errors.New("it needs a Secret")
	} else if _, wrong := strconv.ParseUint(cmp.Or(m.Get("Port"), defaultManagerPort), 10, 16); wrong != nil {
		err = errors.New("the Port is no port")
	} else {
		err = a.proxy.AddServer(c)
	}
	if err != nil {
		a.failure(m, fmt.Sprintf("Could not add %s: %v", name, err))
		return
	}
	a.success(m, "Added "+name)
}

func (a *asker) dropServer(m ami.Message) {
	name := m.Get("Server")
	switch err := a.proxy.DropServer(name); {
	case errors.Is(err, errNoServer):
		a.failure(m, fmt.Sprintf("Cannot Drop Server %s, Does Not Exist", name))
	case err != nil:
		a.failure(m, fmt.Sprintf("Cannot Drop Server %s: %v", name, err))
	default:
		a.success(m, "Dropped "+name)
	}
}

// kick disconnects one client, by its address, or all of a user.
func (a *asker) kick(m ami.Message) {
	address, user := m.Get("ProxyClientSession"), m.Get("User")
	if (address == "") == (user == "") {
		a.proxyError(m, InvalidAction, "Give a ProxyClientSession or a User")
		return
	}
	b := proxyResponse("Success", m)
	var kicked []*Client
	for _, c := range a.proxy.snapshot() {
		if meant := c.remote == address || user != "" && strings.EqualFold(c.state().User, user); meant && !c.dismissed.Load() {
			kicked = append(kicked, c)
			b.Add("ProxyClientSession", c.remote)
		}
	}
	if len(kicked) == 0 {
		a.failure(m, "There is no such client")
		return
	}
	a.send(b.Message(), "") // before the one who asks is disconnected himself
	for _, c := range kicked {
		c.Dismiss(ErrKicked)
	}
}

func (a *asker) reload(m ami.Message) {
	if err := a.proxy.control.Reload(); err != nil {
		a.failure(m, "The old configuration stays: "+err.Error())
		return
	}
	a.success(m, "Reloaded")
}

func (a *asker) setLogLevel(m ami.Message) {
	level := strings.ToLower(m.Get("LogLevel"))
	if err := a.proxy.control.SetLogLevel(level); err != nil {
		a.failure(m, err.Error())
		return
	}
	a.send(proxyResponse("Success", m).Add("LogLevel", level).Message(), "")
}

// listIOHandlers tells the formats: first the predecessor's, as it listed them, then those it had not.
func (a *asker) listIOHandlers(m ami.Message) {
	b := proxyResponse("Success", m).Add("InputHandler", "xml").Add("OutputHandler", "xml").Add("OutputHandler", "csv").
		Add("InputHandler", "http").Add("InputHandler", "standard").Add("OutputHandler", "standard").Add("InputHandler", "json")
	for _, name := range formats.Names() {
		if name != "xml" && name != "csv" && name != "standard" {
			b.Add("OutputHandler", name)
		}
	}
	a.send(b.Message(), "")
}
