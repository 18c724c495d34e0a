package access

import "strings"

// channelNamed is whose a channel is by its name: PJSIP/1001-0000000a is of the endpoint PJSIP/1001,
// Local/100@acme-0000000b;1 of its context, and CBAnn/5000-0000000c;1 of its conference.
func (t *Tenants) channelNamed(name string) (o owner) {
	for {
		// What Asterisk puts around the name of a channel that it moves or replaces (channel.c, pbx.c,
		// ast_async_goto; channel_internal_api.c): the channel is the same.
		inner, ok := withoutAffix(name)
		if !ok {
			break
		}
		name = inner
	}
	if strings.HasPrefix(name, "/") {
		return nobody // a regular expression, of which a pattern must not be taken in
	}
	if o = t.channels.owner(name); o != nobody {
		return o
	}
	technology, rest, ok := strings.Cut(name, "/")
	if !ok {
		return nobody
	}
	// Each channel has a number behind the last -, and each half of a Local channel its own behind that.
	if i := strings.LastIndexByte(rest, '-'); i >= 0 {
		rest = rest[:i]
	}
	switch {
	case strings.EqualFold(technology, "Local"):
		return t.localContext(rest)
	case isOfConference(technology):
		return t.conferences.owner(rest)
	}
	return t.endpoints.owner(name[:len(technology)+1+len(rest)])
}

// isOfConference tells the technologies of a ConfBridge's own channels (conf_chan_announce.c, conf_chan_record.c).
func isOfConference(technology string) bool {
	return sameName(technology, "CBAnn") || sameName(technology, "CBRec")
}

func withoutAffix(name string) (string, bool) {
	for _, prefix := range []string{"AsyncGoto/", "Surrogate/", "Transfered/", "Bridge/", "Parked/"} { //nolint:misspell // as Asterisk has it
		if rest, ok := strings.CutPrefix(name, prefix); ok && strings.Contains(rest, "/") {
			return rest, true
		}
	}
	if strings.HasSuffix(name, ">") {
		for _, suffix := range []string{"<ZOMBIE>", "<MASQ>"} {
			if rest, ok := strings.CutSuffix(name, suffix); ok {
				return rest, true
			}
		}
	}
	return name, false
}

// localContext is whose the context of exten@context is. Up to Asterisk 22 options stand behind a /, and the
// context is what stands behind the first @, or default (core_local.c, local_alloc).
func (t *Tenants) localContext(rest string) owner {
	rest, _, _ = strings.Cut(rest, "/")
	_, context, given := strings.Cut(rest, "@")
	switch {
	case !given || context == "":
		context = "default"
	case strings.ContainsAny(context, "@&,"):
		return contested
	}
	return t.contexts.owner(context)
}

// dialled is whose that is which a dial string reaches, a technology and one destination. What could reach something
// besides is contested: several destinations, a URI, a path through a server, or what would be evaluated.
func (t *Tenants) dialled(to string) owner {
	technology, rest, ok := strings.Cut(to, "/")
	if !ok || technology == "" || rest == "" {
		return nobody
	}
	if strings.ContainsAny(to, "&|,${}\"\\<>; \t") {
		return contested
	}
	if strings.EqualFold(technology, "Local") {
		return t.localContext(rest)
	}
	if strings.ContainsAny(rest, "/:") {
		return contested
	}
	if strings.Contains(rest, "@") {
		// 5551234@trunk: what is dialled there is the endpoint's matter.
		_, endpoint, _ := strings.Cut(rest, "@")
		if strings.Contains(endpoint, "@") || !strings.EqualFold(technology, "PJSIP") {
			return contested // SIP/x@name may be any host of that name
		}
		rest = endpoint
	}
	var buffer [128]byte
	name := append(append(append(buffer[:0], technology...), '/'), rest...)
	return t.endpoints.owner(string(name))
}

// device is whose a device is, in whatever form Asterisk names one (devicestate.c and its providers).
func (t *Tenants) device(name string) owner {
	if o := t.endpoints.owner(name); o != nobody {
		return o
	}
	provider, rest, ok := strings.Cut(name, ":")
	if !ok {
		switch technology, rest, _ := strings.Cut(name, "/"); {
		case strings.EqualFold(technology, "Local"):
			return t.localContext(rest)
		case isOfConference(technology):
			return t.conferences.owner(rest)
		}
		return nobody
	}
	switch strings.ToLower(provider) {
	case "queue": // app_queue.c: Queue:name, Queue:name_avail, Queue:name_pause_interface
		if queue, member, is := strings.Cut(rest, "_pause_"); is {
			return t.queues.owner(queue).and(t.device(member))
		}
		return t.queues.owner(rest).and(t.queues.owner(strings.TrimSuffix(rest, "_avail")))
	case "confbridge", "meetme":
		return t.conferences.owner(rest)
	case "agent":
		return t.endpoints.owner("Agent/" + rest)
	case "mwi":
		return t.mailbox(rest)
	case "hint", "park":
		_, context, _ := strings.Cut(rest, "@")
		return t.contexts.owner(context)
	}
	return nobody
}

// mailbox is whose a mailbox is: by its context.
func (t *Tenants) mailbox(name string) owner {
	_, context, _ := strings.Cut(name, "@")
	switch {
	case context == "":
		context = "default"
	case strings.ContainsAny(context, "@&,"):
		return contested
	}
	return t.contexts.owner(context)
}

// isSeparator tells what Asterisk separates the names of a list by.
func isSeparator(r rune) bool { return r == ',' || r == '&' }

// devices is whose the devices of a list are.
func (t *Tenants) devices(list string) (o owner) {
	for name := range strings.FieldsFuncSeq(list, isSeparator) {
		o = o.and(t.device(name))
	}
	return o
}
