package load

import "time"

// epoch is the generator's zero: all its nanosecond times are monotonic and count from here.
var epoch = time.Now()

// sinceEpoch returns the nanoseconds since the generator started.
func sinceEpoch() int64 { return int64(time.Since(epoch)) }
