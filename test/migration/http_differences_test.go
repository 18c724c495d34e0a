package migration_test

const (
	oldXMLHead  = "Date: {date}\nContent-Type: text/xml\nConnection: close\nServer: Asterisk Call Manager Proxy/1.29"
	oldTextHead = "Date: {date}\nContent-Type: text/plain\nConnection: close\nServer: Asterisk Call Manager Proxy/1.29"
	security    = "Cache-Control: no-store\nContent-Length: {number}\n" +
		"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\n"
	xmlHead  = security + "Content-Type: text/xml\nReferrer-Policy: same-origin\nX-Content-Type-Options: nosniff\nDate: {date}\nConnection: close"
	textHead = security + "Content-Type: text/plain\nReferrer-Policy: same-origin\nX-Content-Type-Options: nosniff\nDate: {date}\nConnection: close"

	xmlPong = "<AsteriskManagerOutput>\n <Response Value=\"Success\"/>\n <ActionID Value=\"Foo\"/>\n <Ping Value=\"Pong\"/>\n <Timestamp Value=\"{time}\"/>\n" +
		" <Server Value=\"127.0.0.1\"/>\n</AsteriskManagerOutput>"
	textPong = "Response: Success\nActionID: Foo\nPing: Pong\nTimestamp: {time}\nServer: 127.0.0.1"
)

// httpDifferences are those of answers to HTTP requests.
func httpDifferences() []*difference {
	return []*difference{
		{
			why:    "browsers are told what they may do with the answer, clients how long it is, and nobody what serves it",
			before: oldXMLHead, after: xmlHead,
		},
		{
			why:    "likewise, in plain text",
			before: oldTextHead, after: textHead,
		},
		{
			why:   "astmanproxy never answered a POST as it was sent here; it is answered as a GET",
			when:  "POST",
			title: "xml out",
			after: "HTTP/1.1 200 OK\n" + xmlHead + "\n\n" + xmlPong,
		},
		{
			why:   "likewise, in plain text",
			when:  "POST",
			title: "standard out",
			after: "HTTP/1.1 200 OK\n" + textHead + "\n\n" + textPong,
		},
		{
			why:    "a request without a Host is no HTTP/1.1, and the answer says so",
			when:   "GET / HTTP/1.1",
			before: "HTTP/1.1 501 Not Impleme\nDate: {date}\nStatus: 501 Not Impleme\nServer: Asterisk Call Manager Proxy/1.29",
			after: "HTTP/1.1 400 Bad Request: missing required Host header\nContent-Type: text/plain; charset=utf-8\nConnection: close\n\n" +
				"400 Bad Request: missing required Host header",
		},
	}
}
