package proxy

// What Asterisk says to one action comes in one piece: a response and the items of its list, with nothing in
// between, for it takes no other action before. Nor does an answer of the proxy's own get in between: it waits for
// the end of what has begun, on the goroutine that reads its client, and holds nobody else.

// betweenLists queues something where no list of the asker's is under way. It must not be called by a session's
// reader. queue is called with mu held, and must not wait.
func (a *asker) betweenLists(queue func()) {
	for a.waitForLists() && !a.unlessListing(queue) {
	}
}

// waitForLists waits while a list of the asker's is under way; false: there is nobody to hear anything.
func (a *asker) waitForLists() bool {
	a.mu.Lock()
	if a.lists == 0 {
		a.mu.Unlock()
		return true
	}
	if a.listsEnded == nil {
		a.listsEnded = make(chan struct{})
	}
	ended := a.listsEnded
	a.mu.Unlock()
	select {
	case <-ended:
		return true
	case <-a.output.gone():
		return false
	}
}

// unlessListing queues something unless a list of the asker's is under way; false: there is one. queue is called with
// mu held, for which the session's reader waits: it must not wait itself, nor for the matcher.
func (a *asker) unlessListing(queue func()) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lists > 0 {
		return false
	}
	queue()
	return true
}

// beginList says that more of an answer comes than what is queued next, endList that all of it is queued.
func (a *asker) beginList() {
	a.mu.Lock()
	a.lists++
	a.mu.Unlock()
}

func (a *asker) endList() {
	a.mu.Lock()
	if a.lists--; a.lists == 0 && a.listsEnded != nil {
		close(a.listsEnded)
		a.listsEnded = nil
	}
	a.mu.Unlock()
}
