package channels

// Bridged are the channels that a channel speaks with: the others of its bridge, in the order in which they were made.
// In the place of a Local channel stand those that its other half is bridged with, if it is with any. Any goroutine.
func (t *Tracker) Bridged(nameOrUniqueid string) (all []Channel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := t.find(nameOrUniqueid)
	if from == nil {
		return nil
	}
	t.walks++
	from.walked = t.walks
	ways := []*bridge{from.bridge}
	if half := t.half(from); half != nil { // it hears nobody but who its other half does
		half.walked = t.walks
		ways = append(ways, half.bridge)
	}
	for ; len(ways) > 0; ways = ways[1:] {
		if ways[0] == nil {
			continue
		}
		for _, member := range inOrder(ways[0].members) {
			if member.walked == t.walks {
				continue
			}
			member.walked = t.walks
			half := t.half(member)
			switch {
			case half == nil || half.bridge == nil: // behind it is nothing but an application
				all = append(all, member.known())
			case half.walked != t.walks:
				half.walked = t.walks
				ways = append(ways, half.bridge)
			}
		}
	}
	return all
}

// half is the other half of a Local channel; nil: it is none, or there is no other any more. With mu held.
func (t *Tracker) half(c *channel) *channel {
	other, local := otherHalf(c.Name)
	if !local {
		return nil
	}
	return t.named(other)
}
