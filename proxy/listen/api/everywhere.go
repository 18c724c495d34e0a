package api

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy"
)

// askEverywhere asks all servers at the same time. One that is down, or fails, is told in the answer;
// a problem is answered only when all of them are or do.
func (a *API) askEverywhere(w http.ResponseWriter, r *http.Request, by proxy.Caller, m ami.Message) error {
	servers := a.proxy.Servers()
	answers, errs := make([]proxy.Answer, len(servers)), make([]error, len(servers))
	var asking sync.WaitGroup
	for i, server := range servers {
		asking.Go(func() {
			line := string(ami.AppendHeader(nil, "Server", server.Name))
			answers[i], errs[i] = a.proxy.Ask(r.Context(), by, m.Replacing(m.Index("Server"), line))
		})
	}
	asking.Wait()
	var all merged
	for i, server := range servers {
		if errs[i] != nil {
			return errs[i] // of the request's context, for all alike
		}
		all.add(server.Name, answers[i])
	}
	if len(all.responses) == 0 {
		return all.problem()
	}
	writeJSON(w, http.StatusOK, all.appendJSON(nil))
	return nil
}

// merged is what came of several servers, in the order of the configuration.
type merged struct {
	responses, items, completes []json.RawMessage
	failed                      []*problem
}

func (all *merged) add(server string, from proxy.Answer) {
	good, wrong := judge(from)
	if wrong != nil {
		wrong.Server = server
		all.failed = append(all.failed, wrong)
		return
	}
	if good.response == nil {
		good.response = json.RawMessage("null")
	}
	all.responses = append(all.responses, good.response)
	all.items = append(all.items, good.items...)
	if good.complete != nil {
		all.completes = append(all.completes, good.complete)
	}
}

// problem is for when no server has answered well: that of the server with the gravest one.
func (all *merged) problem() *problem {
	gravest := *all.failed[0]
	for _, p := range all.failed {
		if p.Status > gravest.Status {
			gravest = *p
		}
	}
	gravest.MayHaveHappened = false
	for _, p := range all.failed {
		gravest.MayHaveHappened = gravest.MayHaveHappened || p.MayHaveHappened
	}
	gravest.Server, gravest.Response, gravest.Items = "", nil, nil
	gravest.Failed = all.failed
	return &gravest
}

func (all *merged) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"responses":`...)
	dst = appendArray(dst, all.responses)
	dst = append(dst, `,"items":`...)
	dst = appendArray(dst, all.items)
	dst = append(dst, `,"completes":`...)
	dst = appendArray(dst, all.completes)
	dst = append(dst, `,"failed":`...)
	failed := make([]json.RawMessage, len(all.failed))
	for i, p := range all.failed {
		failed[i], _ = json.Marshal(p) // nothing in it can fail
	}
	dst = appendArray(dst, failed)
	return append(dst, "}\n"...)
}
