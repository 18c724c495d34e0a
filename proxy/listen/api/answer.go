package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
)

// answer is what came of an action that was answered well. Any part may be missing: there are actions
// that Asterisk answers with nothing.
type answer struct {
	response json.RawMessage   // the response; nil: there was none
	items    []json.RawMessage // the list it has
	complete json.RawMessage   // the event that ends the list; nil: it is no list
}

// judge tells an action that was answered well from a problem.
func judge(from proxy.Answer) (answer, *problem) {
	items := slices.DeleteFunc(from.Items, func(i formats.Item) bool { return i.Message.IsZero() })
	if from.Reason != "" {
		detail := ""
		if len(items) > 0 {
			detail = items[len(items)-1].Message.Get("Message")
		}
		p := refused(from.Reason, detail)
		if p.Status == http.StatusUnprocessableEntity { // that of an action which is not Asterisk's: all of it counts
			p.Response = split(items).response
			p.MayHaveHappened = true
		}
		return answer{}, p
	}
	all := split(items)
	// PJSIPShowEndpoint and others find out in the middle of their lists.
	failed := slices.IndexFunc(items, func(i formats.Item) bool { return strings.EqualFold(i.Message.Response(), "Error") })
	if failed < 0 {
		return all, nil
	}
	p := newProblem(http.StatusUnprocessableEntity, asteriskError, items[failed].Message.Get("Message"))
	p.Response, p.Items, p.MayHaveHappened = all.response, all.items, true
	return answer{}, p
}

func split(items []formats.Item) (a answer) {
	for i, item := range items {
		text := formats.AppendJSON(nil, item.Message, item.Options)
		switch {
		case i == 0:
			a.response = text
		case i == len(items)-1 && item.Message.IsEvent() && item.Message.ClosesList():
			a.complete = text
		default:
			a.items = append(a.items, text)
		}
	}
	return a
}

func (a answer) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"response":`...)
	dst = appendOrNull(dst, a.response)
	dst = append(dst, `,"items":`...)
	dst = appendArray(dst, a.items)
	dst = append(dst, `,"complete":`...)
	dst = appendOrNull(dst, a.complete)
	return append(dst, "}\n"...)
}

func appendOrNull(dst, value []byte) []byte {
	if value == nil {
		return append(dst, "null"...)
	}
	return append(dst, value...)
}

// appendArray writes a value a line, which people can read and tools can count.
func appendArray(dst []byte, values []json.RawMessage) []byte {
	dst = append(dst, '[')
	for i, value := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '\n')
		dst = append(dst, value...)
	}
	return append(dst, ']')
}
