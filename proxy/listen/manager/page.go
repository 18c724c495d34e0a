package manager

import (
	"strconv"
	"strings"

	"github.com/astproxy/astproxy/formats"
)

// The pages around the rows, with line ends as Asterisk sends them.
const (
	cookieForm = `<title>Asterisk&trade; Manager Interface</title>` +
		`<body bgcolor="#ffffff"><table align=center bgcolor="#f1f1f1" width="500">` + "\r\n" +
		`<tr><td colspan="2" bgcolor="#f1f1ff"><h1>Manager Tester</h1></td></tr>` + "\r\n" +
		`<tr><td colspan="2" bgcolor="#f1f1ff"><form action="manager" method="post">
	Action: <select name="action">
		<option value="">-----&gt;</option>
		<option value="login">login</option>
		<option value="command">Command</option>
		<option value="waitevent">waitevent</option>
		<option value="listcommands">listcommands</option>
	</select>
	or <input name="action"><br/>
	CLI Command <input name="command"><br>
	user <input name="username"> pass <input type="password" name="secret"><br>
	<input type="submit">
</form>
</td></tr>` + "\r\n"
	cookieEnd = "</table></body>\r\n"

	digestForm = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">` + "\r\n" +
		"<html><head>\r\n" +
		"<title>Asterisk&trade; Manager Interface</title>\r\n" +
		`</head><body style="background-color: #ffffff;">` + "\r\n" +
		`<form method="POST">` + "\r\n" +
		`<table align="center" style="background-color: #f1f1f1;" width="500">` + "\r\n" +
		`<tr><th colspan="2" style="background-color: #f1f1ff;"><h1>Manager Tester</h1></th></tr>` + "\r\n" +
		`<tr><th colspan="2" style="background-color: #f1f1ff;">` +
		`Action: <input name="action" /> Cmd: <input name="command" /><br>` +
		`<input type="submit" value="Send request" /></th></tr>` + "\r\n"
	digestEnd = "</table></form></body></html>\r\n"
)

// ruler stands behind each message.
const ruler = "<tr><td colspan=\"2\"><hr></td></tr>\r\n"

// escaper is for what stands between two elements (manager.c, xml_copy_escape).
var escaper = strings.NewReplacer("<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "&", "&amp;")

// appendPage is an answer as rows of a table.
func appendPage(begin string, answer []formats.Item, end string) []byte {
	page := []byte(begin)
	for _, item := range withLines(answer) {
		page = appendRows(page, string(formats.Standard{}.Append(nil, item.Message, item.Options)))
	}
	return append(page, end...)
}

// appendRows appends a message, as AMI text, as Asterisk makes rows of it (manager.c, xml_translate): one
// for each header, with a number behind a name that was there already; and from the first line without a
// name on all the rest in one, called Opaque-data.
func appendRows(page []byte, message string) []byte {
	times := map[string]int{}
	opaque := false
	for line := range strings.FieldsFuncSeq(message, func(c rune) bool { return c == '\r' || c == '\n' }) {
		if line = trimBlanks(line); line == "" {
			continue
		}
		if opaque {
			page = append(append(page, "<br>\n"...), escaper.Replace(line)...)
			continue
		}
		name, value, named := strings.Cut(line, ":")
		if !named {
			name, value, opaque = "Opaque-data", line, true
		}
		name, value = trimBlanks(name), skipBlanks(value)
		page = append(append(page, "<tr><td>"...), escaper.Replace(name)...)
		if times[name]++; times[name] > 1 {
			page = strconv.AppendInt(append(page, '-'), int64(times[name]), 10)
		}
		page = append(append(page, "</td><td>"...), escaper.Replace(value)...)
		if !opaque {
			page = append(page, "</td></tr>\n"...)
		}
	}
	if opaque {
		page = append(page, "</td></tr>\n"...)
	}
	return append(page, ruler...)
}

// trimBlanks and skipBlanks take away what Asterisk takes for blanks (strings.h, ast_trim_blanks and
// ast_skip_blanks).
func trimBlanks(s string) string {
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func skipBlanks(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	return s
}
