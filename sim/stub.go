package sim

type conference struct{}
type queue struct{}
type database map[string]string
type deviceStates struct{}

func newQueues([]string) []*queue         { return nil }
func newDeviceStates(Config) deviceStates { return deviceStates{} }
func (p *pbx) updateDevice(c *channel) {
	s := "INUSE"
	if c.gone {
		s = "NOT_INUSE"
	}
	p.tell("DeviceStateChange", "call", nil, "Device", c.device(), "State", s)
}
func (p *pbx) confBridge(c *channel, name string, next func()) { p.pause(c, duration(""), next) }
func (p *pbx) enterQueue(c *channel, name string, next func()) { p.pause(c, duration(""), next) }
func (p *pbx) dialPhone(c *channel, name string, next func())  { p.pause(c, duration(""), next) }
func (p *pbx) placePhone(o originate)                          { o.done(reasonFailed, nil) }
