package watch

// oomContainers is how many containers have a count of OOM kills of their own: names that change for years must not fill the
// memory of a watch, nor that of its scraper.
const oomContainers = 100

// oomCounts counts the OOM kills of each container, by the container's label.
type oomCounts struct {
	counts   map[string]*oomCount
	removals int
}

type oomCount struct {
	kills   uint64
	removed int // the number of the container's removal; 0 while it is there
}

// add counts kills. If there is no room, it drops the count of the container that was removed first; if none was removed, it counts
// nothing.
func (c *oomCounts) add(label string, kills uint64) {
	one := c.counts[label]
	if one == nil {
		if len(c.counts) >= oomContainers && !c.drop() {
			return
		}
		one = &oomCount{}
		if c.counts == nil {
			c.counts = map[string]*oomCount{}
		}
		c.counts[label] = one
	}
	one.kills, one.removed = one.kills+kills, 0
}

// remove records that a container was removed. Its count stays for the next scrape.
func (c *oomCounts) remove(label string) {
	if one := c.counts[label]; one != nil {
		c.removals++
		one.removed = c.removals
	}
}

func (c *oomCounts) drop() bool {
	first := ""
	for label, one := range c.counts {
		if one.removed > 0 && (first == "" || one.removed < c.counts[first].removed) {
			first = label
		}
	}
	delete(c.counts, first)
	return first != ""
}
