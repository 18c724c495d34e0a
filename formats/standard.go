package formats

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// AppendStandard appends m as AMI text, byte for byte, with a Server header that names where it
// came from, and the blank line that ends it. A message that has a Server header of its own keeps it;
// ours is called ProxyServer then. An empty server adds nothing.
func AppendStandard(dst []byte, m ami.Message, server string) []byte {
	return AppendStandardReply(dst, m, -1, "", server)
}

// AppendStandardReply is AppendStandard with line i, where the ActionID is, replaced by replacement:
// a whole line with its line end, or "" to leave it out. With i below zero nothing is replaced.
func AppendStandardReply(dst []byte, m ami.Message, i int, replacement, server string) []byte {
	if server == "" {
		return append(m.AppendReplacing(dst, i, replacement), "\r\n"...)
	}
	name := "Server"
	if m.Has(name) {
		name = "ProxyServer"
	}
	if strings.EqualFold(m.Response(), "Follows") {
		return appendCommandOutput(dst, m, i, replacement, name, server)
	}
	dst = m.AppendReplacing(dst, i, replacement)
	dst = ami.AppendHeader(dst, name, server)
	return append(dst, "\r\n"...)
}

// appendCommandOutput puts the server where the headers are: what follows them is raw, up to its
// end mark (Asterisk up to 13).
func appendCommandOutput(dst []byte, m ami.Message, i int, replacement, name, server string) []byte {
	first, _, _ := strings.Cut(m.Raw(), "\n")
	rest := m.AppendReplacing(nil, i, replacement)[len(first)+1:]
	dst = append(append(dst, first...), '\n')
	dst = ami.AppendHeader(dst, name, server)
	dst = append(dst, rest...)
	return append(dst, "\r\n"...)
}
