// A Vitess of tests in one process: vtgate, and a primary tablet for each shard over a MySQL server of its own. Vitess' own vtcombo has all shards on one server,
// where they share the table of online migrations: one runs in every keyspace then.
//
//	vitess --shards 'user_db/0=/a.sock,message_db/-80=/b.sock,message_db/80-=/c.sock' --mysql-server-port 3306
//
// A shard that is named again has a replica, too, over the server of that socket: `/debug/reparent` of `--port` makes it the primary.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"vitess.io/vitess/go/acl"
	"vitess.io/vitess/go/stats"
	"vitess.io/vitess/go/vt/dbconfigs"
	"vitess.io/vitess/go/vt/logutil"
	"vitess.io/vitess/go/vt/mysqlctl"
	topodatapb "vitess.io/vitess/go/vt/proto/topodata"
	vschemapb "vitess.io/vitess/go/vt/proto/vschema"
	"vitess.io/vitess/go/vt/servenv"
	"vitess.io/vitess/go/vt/srvtopo"
	"vitess.io/vitess/go/vt/topo"
	"vitess.io/vitess/go/vt/topo/memorytopo"
	"vitess.io/vitess/go/vt/topotools"
	"vitess.io/vitess/go/vt/utils"
	"vitess.io/vitess/go/vt/vtenv"
	"vitess.io/vitess/go/vt/vtgate"
	"vitess.io/vitess/go/vt/vtgate/planbuilder/plancontext"
	"vitess.io/vitess/go/vt/vttablet/tabletserver/tabletenv"
)

const cell = "test"

var places string

type shard struct {
	keyspace, name, socket string
	// Of a replica; empty where the shard has a primary alone.
	replica string
}

func (one shard) String() string { return one.keyspace + "/" + one.name }

func readShards(text string) ([]shard, error) {
	var shards []shard
	for _, one := range strings.Split(text, ",") {
		place, socket, found := strings.Cut(one, "=")
		keyspace, name, named := strings.Cut(place, "/")
		if !found || !named {
			return nil, fmt.Errorf("%q is not KEYSPACE/SHARD=SOCKET", one)
		}
		known := slices.IndexFunc(shards, func(one shard) bool { return one.String() == place })
		if known < 0 {
			shards = append(shards, shard{keyspace: keyspace, name: name, socket: socket})
		} else {
			shards[known].replica = socket
		}
	}
	return shards, nil
}

// Numbers of primaries are below.
const firstReplica = 101

// The tablets of each shard, with the keyspaces in their order.
func createTablets(ctx context.Context, env *vtenv.Environment, ts *topo.Server, shards []shard, counts *stats.CountersWithSingleLabel) ([]string, error) {
	// Else the version of mysqld is looked for on PATH.
	dbconfigs.GlobalDBConfigs.Socket = shards[0].socket
	registerProtocols()
	var keyspaces []string
	for index, one := range shards {
		if len(keyspaces) == 0 || keyspaces[len(keyspaces)-1] != one.keyspace {
			keyspaces = append(keyspaces, one.keyspace)
			if err := ts.CreateKeyspace(ctx, one.keyspace, &topodatapb.Keyspace{}); err != nil {
				return nil, err
			}
			vschema := &vschemapb.Keyspace{Sharded: one.name != "0"}
			if err := ts.SaveVSchema(ctx, &topo.KeyspaceVSchemaInfo{Name: one.keyspace, Keyspace: vschema}); err != nil {
				return nil, err
			}
		}
		if err := ts.CreateShard(ctx, one.keyspace, one.name); err != nil {
			return nil, err
		}
		if err := createPrimary(ctx, env, ts, uint32(index+1), one, counts); err != nil {
			return nil, err
		}
		if one.replica == "" {
			continue
		}
		if err := createReplica(ctx, env, ts, uint32(firstReplica+index), one, counts); err != nil {
			return nil, err
		}
	}
	return keyspaces, ts.RebuildSrvVSchema(ctx, []string{cell})
}

// Vitess does not start where the real user is root. The effective one stays what it was: files of the test are for it alone.
func leaveRoot() error {
	if os.Getuid() != 0 {
		return nil
	}
	return syscall.Setreuid(65534, 0)
}

func run(cmd *cobra.Command, _ []string) error {
	if err := leaveRoot(); err != nil {
		return err
	}
	shards, err := readShards(places)
	if err != nil {
		return err
	}
	cmd.Flags().Set("cells-to-watch", cell)
	env, err := vtenv.New(vtenv.Options{
		MySQLServerVersion: servenv.MySQLServerVersion(),
		TruncateUILen:      servenv.TruncateUILen,
		TruncateErrLen:     servenv.TruncateErrLen,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	ts := memorytopo.NewServer(ctx, cell)
	defer ts.Close()
	servenv.Init()
	tabletenv.Init()
	waitLess()
	cmd.Flags().Set("tablet-manager-protocol", "internal")
	cmd.Flags().Set("tablet-protocol", "internal")
	counts := stats.NewCountersWithSingleLabel("ResilientSrvTopoServer", "Resilient srvtopo server operations", "type")
	keyspaces, err := createTablets(ctx, env, ts, shards, counts)
	if err != nil {
		return err
	}
	if err := readTableACL(); err != nil {
		return err
	}
	for _, keyspace := range keyspaces {
		if err := topotools.RebuildKeyspace(ctx, logutil.NewConsoleLogger(), ts, keyspace, []string{cell}, false); err != nil {
			return err
		}
	}
	// The tablets have taken the usual names of these pages.
	vtgate.QueryLogHandler = "/debug/vtgate/querylog"
	vtgate.QueryLogzHandler = "/debug/vtgate/querylogz"
	vtgate.QueryzHandler = "/debug/vtgate/queryz"
	serveVtctld(env, ts)
	planner, _ := plancontext.PlannerNameToVersion("")
	vtgate.Init(ctx, env, nil, srvtopo.NewResilientServer(ctx, ts, counts), cell, []topodatapb.TabletType{topodatapb.TabletType_PRIMARY}, planner)
	answerReparents(ts)
	servenv.RunDefault()
	return nil
}

func main() {
	// Packages of Vitess add their flags to commands of this name.
	command := &cobra.Command{Use: "vtcombo", Args: cobra.NoArgs, Version: servenv.AppVersion.String(), PreRunE: servenv.CobraPreRunE, RunE: run, SilenceUsage: true}
	servenv.RegisterDefaultFlags()
	servenv.RegisterFlags()
	servenv.RegisterServiceMapFlag()
	servenv.RegisterGRPCServerFlags()
	servenv.RegisterGRPCServerAuthFlags()
	dbconfigs.RegisterFlags(dbconfigs.All...)
	mysqlctl.RegisterFlags()
	servenv.MoveFlagsToCobraCommand(command)
	acl.RegisterFlags(command.Flags())
	command.Flags().StringVar(&tableACL, "table-acl-config", "", "as of vttablet: who may use which tables, read again with SIGHUP")
	command.Flags().StringVar(&places, "shards", "", "KEYSPACE/SHARD=SOCKET, with commas")
	command.SetGlobalNormalizationFunc(utils.NormalizeUnderscoresToDashes)
	if err := command.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
