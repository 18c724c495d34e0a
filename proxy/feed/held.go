package feed

// HoldReply counts n bytes of an answer that is on its way to somebody without a stream against
// Config.ReplyMemory, and tells whether there is room: such answers may have half of it, since nobody can be closed
// for them. The caller gives them back by ReleaseReply. Any goroutine.
func (f *Feed) HoldReply(n int64) bool {
	if f.held.Add(n) > f.config.Load().ReplyMemory/2 {
		f.held.Add(-n)
		return false
	}
	if f.replies.Add(n) > f.config.Load().ReplyMemory {
		f.overflow()
	}
	return true
}

// ReleaseReply gives back n bytes of HoldReply.
func (f *Feed) ReleaseReply(n int64) {
	f.replies.Add(-n)
	f.held.Add(-n)
}
