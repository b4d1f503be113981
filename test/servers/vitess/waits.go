package main

import (
	"time"
	_ "unsafe"

	_ "vitess.io/vitess/go/vt/vttablet/tabletmanager/vreplication"
	"vitess.io/vitess/go/vt/vttablet/tabletserver/vstreamer"
)

// How often it is looked whether a stream has come to a position. Vitess says that it may be smaller in tests.
//
//go:linkname waitRetryTime vitess.io/vitess/go/vt/vttablet/tabletmanager/vreplication.waitRetryTime
var waitRetryTime time.Duration

// After how long a stream writes down how far it is, where nothing of its tables has come. It has to be longer than the time between heartbeats.
//
//go:linkname idleTimeout vitess.io/vitess/go/vt/vttablet/tabletmanager/vreplication.idleTimeout
var idleTimeout time.Duration

// A cut-over waits twice for a position. Each of these times is about a second, also for a table of two rows: together they are half of what its change takes.
func waitLess() {
	waitRetryTime = 50 * time.Millisecond
	vstreamer.HeartbeatTime = 180 * time.Millisecond
	idleTimeout = 220 * time.Millisecond
}
