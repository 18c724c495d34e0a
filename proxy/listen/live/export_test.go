package live

// Beat is what a Door does once every Keepalive, for tests that do not wait for it.
func (d *Door) Beat() { d.beat() }
