package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"vitess.io/vitess/go/vt/tableacl"
	"vitess.io/vitess/go/vt/tableacl/simpleacl"
)

// All tablets of a process have one: Vitess keeps it in a variable of its package.
var tableACL string

// As vttablet does it for its one tablet. Plans remember who may use them.
func readTableACL() error {
	if tableACL == "" {
		return nil
	}
	tableacl.Register("simpleacl", &simpleacl.Factory{})
	read := func() error {
		return tableacl.Init(tableACL, func() {
			for _, one := range tablets {
				one.server.ClearQueryPlanCache()
			}
		})
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	go func() {
		for range again {
			if err := read(); err != nil {
				fmt.Fprintln(os.Stderr, "ERROR: the table ACL is as it was:", err)
			}
		}
	}()
	return read()
}
