package formats

import "github.com/astproxy/astproxy/ami"

// Standard is AMI text, byte for byte.
type Standard struct{}

// Append implements Format.
func (Standard) Append(dst []byte, m ami.Message, o Options) []byte {
	if o.Sequence != "" {
		m = m.Adding(sequenceHeader, o.Sequence)
	}
	if !o.Reply {
		return AppendStandard(dst, m, o.Server)
	}
	replacement := ""
	if o.ActionID != "" {
		replacement = "ActionID: " + o.ActionID + "\r\n"
	}
	return AppendStandardReply(dst, m, m.Index("ActionID"), replacement, o.Server)
}

// AppendList implements Format.
func (f Standard) AppendList(dst []byte, answer []Item) []byte { return appendEach(f, dst, answer) }

// MediaType implements Format. AMI says nothing about character sets, so neither does this.
func (Standard) MediaType() string { return "text/plain" }
