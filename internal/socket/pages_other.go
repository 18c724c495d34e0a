//go:build !linux

package socket

// Pages holds nothing here.
type Pages struct{}

// Extent is never made here.
type Extent struct{}

// NewPages makes Pages.
func NewPages(int) *Pages { return &Pages{} }

// Copy returns nil.
func (*Pages) Copy([]byte) *Extent { return nil }

// Close does nothing.
func (*Pages) Close() {}

// Sends is false.
func (*Writer) Sends() bool { return false }

// TrySend is TryWrite.
func (w *Writer) TrySend(bytes []byte, _ *Extent, _ int) (n int, err error) { return w.TryWrite(bytes) }

// Send is Write.
func (w *Writer) Send(bytes []byte, _ *Extent, _ int) (n int, progress bool, err error) {
	return w.Write(bytes)
}
