package main

import (
	"context"
	"fmt"

	"vitess.io/vitess/go/mysql/replication"
	"vitess.io/vitess/go/sqltypes"
	"vitess.io/vitess/go/stats"
	"vitess.io/vitess/go/vt/dbconfigs"
	"vitess.io/vitess/go/vt/grpcclient"
	"vitess.io/vitess/go/vt/mysqlctl"
	querypb "vitess.io/vitess/go/vt/proto/query"
	tabletmanagerdatapb "vitess.io/vitess/go/vt/proto/tabletmanagerdata"
	topodatapb "vitess.io/vitess/go/vt/proto/topodata"
	"vitess.io/vitess/go/vt/servenv"
	"vitess.io/vitess/go/vt/topo"
	"vitess.io/vitess/go/vt/vtenv"
	"vitess.io/vitess/go/vt/vterrors"
	"vitess.io/vitess/go/vt/vttablet/queryservice"
	"vitess.io/vitess/go/vt/vttablet/tabletconn"
	"vitess.io/vitess/go/vt/vttablet/tabletmanager"
	"vitess.io/vitess/go/vt/vttablet/tabletmanager/semisyncmonitor"
	"vitess.io/vitess/go/vt/vttablet/tabletmanager/vdiff"
	"vitess.io/vitess/go/vt/vttablet/tabletmanager/vreplication"
	"vitess.io/vitess/go/vt/vttablet/tabletserver"
	"vitess.io/vitess/go/vt/vttablet/tabletserver/tabletenv"
	"vitess.io/vitess/go/vt/vttablet/tmclient"
)

// A server that nothing replicates from.
type lone struct{ *mysqlctl.Mysqld }

func (lone) SetReplicationSource(context.Context, string, int32, float64, bool, bool) error {
	return nil
}
func (lone) StartReplication(context.Context, map[string]string) error              { return nil }
func (lone) RestartReplication(context.Context, map[string]string) error            { return nil }
func (lone) StopReplication(context.Context, map[string]string) error               { return nil }
func (lone) StartReplicationUntilAfter(context.Context, replication.Position) error { return nil }
func (lone) SetSemiSyncEnabled(context.Context, bool, bool) error                   { return nil }

type tablet struct {
	manager *tabletmanager.TabletManager
	queries queryservice.QueryService
	server  *tabletserver.TabletServer
}

var tablets = map[uint32]*tablet{}

// The primary of a shard, over a MySQL server of its own.
func createPrimary(ctx context.Context, env *vtenv.Environment, ts *topo.Server, uid uint32, one shard, counts *stats.CountersWithSingleLabel) error {
	mysqld := func(real *mysqlctl.Mysqld) mysqlctl.MysqlDaemon {
		if one.replica == "" {
			return lone{real}
		}
		return replicating{real}
	}
	manager, err := startTablet(ctx, env, ts, uid, one, mysqld, counts)
	if err != nil {
		return err
	}
	return manager.ChangeType(ctx, topodatapb.TabletType_PRIMARY, false)
}

// The first type of a tablet is that of a replica.
func startTablet(ctx context.Context, env *vtenv.Environment, ts *topo.Server, uid uint32, one shard, daemon func(*mysqlctl.Mysqld) mysqlctl.MysqlDaemon, counts *stats.CountersWithSingleLabel) (*tabletmanager.TabletManager, error) {
	configs := dbconfigs.GlobalDBConfigs.Clone()
	configs.Socket = one.socket
	configs.InitWithSocket(one.socket, env.CollationEnv())
	mysqld := daemon(mysqlctl.NewMysqld(configs))
	_, keys, err := topo.ValidateShardName(one.name)
	if err != nil {
		return nil, err
	}
	alias := &topodatapb.TabletAlias{Cell: cell, Uid: uid}
	record := &topodatapb.Tablet{
		Alias:          alias,
		Hostname:       "127.0.0.1",
		PortMap:        map[string]int32{"vt": int32(8000 + uid), "grpc": int32(9000 + uid)},
		Keyspace:       one.keyspace,
		Shard:          one.name,
		KeyRange:       keys,
		Type:           topodatapb.TabletType_REPLICA,
		DbNameOverride: "vt_" + one.keyspace + "_" + one.name,
	}
	config := tabletenv.NewCurrentConfig()
	config.DB = configs
	name := fmt.Sprintf("test-%d", uid)
	server := tabletserver.NewTabletServer(ctx, env, name, config, ts, alias, counts)
	manager := &tabletmanager.TabletManager{
		BatchCtx:            context.Background(),
		Env:                 env,
		TopoServer:          ts,
		MysqlDaemon:         mysqld,
		DBConfigs:           configs.Clone(),
		QueryServiceControl: server,
		SemiSyncMonitor:     semisyncmonitor.NewMonitor(config, servenv.NewExporter(name, "Tablet")),
		VDiffEngine:         vdiff.NewEngine(ts, record, env.CollationEnv(), env.Parser()),
		VREngine:            vreplication.NewEngine(env, config, ts, cell, mysqld, server.LagThrottler()),
	}
	tablets[uid] = &tablet{manager, server.QueryService(), server}
	return manager, manager.Start(record, nil)
}

// What vtgate and the tablets send each other goes over no wire, and errors are those that would have come over one.
func registerProtocols() {
	tabletconn.RegisterDialer("internal", func(_ context.Context, to *topodatapb.Tablet, _ grpcclient.FailFast) (queryservice.QueryService, error) {
		found, ok := tablets[to.Alias.Uid]
		if !ok {
			return nil, fmt.Errorf("there is no tablet %d", to.Alias.Uid)
		}
		return queryservice.Wrap(copying{found.queries}, func(ctx context.Context, target *querypb.Target, conn queryservice.QueryService, _ string, _ queryservice.WrapOpts, inner func(context.Context, *querypb.Target, queryservice.QueryService) (bool, error)) error {
			_, err := inner(ctx, target, conn)
			return tabletconn.ErrorFromGRPC(vterrors.ToGRPC(err))
		}), nil
	})
	tmclient.RegisterTabletManagerClientFactory("internal", func() tmclient.TabletManagerClient { return reparenting{} })
}

// The calls that online migrations make; those of workflows are in workflows.go, and no other is made here.
type managers struct{ tmclient.TabletManagerClient }

func of(to *topodatapb.Tablet) *tabletmanager.TabletManager { return tablets[to.Alias.Uid].manager }

func (managers) Close() {}
func (managers) RunHealthCheck(ctx context.Context, to *topodatapb.Tablet) error {
	of(to).RunHealthCheck(ctx)
	return nil
}
func (managers) RefreshState(ctx context.Context, to *topodatapb.Tablet) error {
	return of(to).RefreshState(ctx)
}
func (managers) ReloadSchema(ctx context.Context, to *topodatapb.Tablet, position string) error {
	return of(to).ReloadSchema(ctx, position)
}
func (managers) VReplicationExec(ctx context.Context, to *topodatapb.Tablet, query string) (*querypb.QueryResult, error) {
	return of(to).VReplicationExec(ctx, query)
}
func (managers) VReplicationWaitForPos(ctx context.Context, to *topodatapb.Tablet, id int32, position string) error {
	return of(to).VReplicationWaitForPos(ctx, id, position)
}
func (managers) CheckThrottler(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.CheckThrottlerRequest) (*tabletmanagerdatapb.CheckThrottlerResponse, error) {
	return of(to).CheckThrottler(ctx, request)
}

// A tablet changes the bind variables that it is given, and several are given the same.
type copying struct{ queryservice.QueryService }

type bound = map[string]*querypb.BindVariable

func (c copying) Close(context.Context) error { return nil }
func (c copying) Execute(ctx context.Context, s queryservice.Session, t *querypb.Target, q string, b bound, tx, reserved int64, o *querypb.ExecuteOptions) (*sqltypes.Result, error) {
	return c.QueryService.Execute(ctx, s, t, q, sqltypes.CopyBindVariables(b), tx, reserved, o)
}
func (c copying) StreamExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, q string, b bound, tx, reserved int64, o *querypb.ExecuteOptions, f func(*sqltypes.Result) error) error {
	return c.QueryService.StreamExecute(ctx, s, t, q, sqltypes.CopyBindVariables(b), tx, reserved, o, f)
}
func (c copying) BeginExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, pre []string, q string, b bound, reserved int64, o *querypb.ExecuteOptions) (queryservice.TransactionState, *sqltypes.Result, error) {
	return c.QueryService.BeginExecute(ctx, s, t, pre, q, sqltypes.CopyBindVariables(b), reserved, o)
}
func (c copying) BeginStreamExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, pre []string, q string, b bound, reserved int64, o *querypb.ExecuteOptions, f func(*sqltypes.Result) error) (queryservice.TransactionState, error) {
	return c.QueryService.BeginStreamExecute(ctx, s, t, pre, q, sqltypes.CopyBindVariables(b), reserved, o, f)
}
func (c copying) ReserveBeginExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, pre, post []string, q string, b bound, o *querypb.ExecuteOptions) (queryservice.ReservedTransactionState, *sqltypes.Result, error) {
	return c.QueryService.ReserveBeginExecute(ctx, s, t, pre, post, q, sqltypes.CopyBindVariables(b), o)
}
func (c copying) ReserveBeginStreamExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, pre, post []string, q string, b bound, o *querypb.ExecuteOptions, f func(*sqltypes.Result) error) (queryservice.ReservedTransactionState, error) {
	return c.QueryService.ReserveBeginStreamExecute(ctx, s, t, pre, post, q, sqltypes.CopyBindVariables(b), o, f)
}
func (c copying) ReserveExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, pre []string, q string, b bound, tx int64, o *querypb.ExecuteOptions) (queryservice.ReservedState, *sqltypes.Result, error) {
	return c.QueryService.ReserveExecute(ctx, s, t, pre, q, sqltypes.CopyBindVariables(b), tx, o)
}
func (c copying) ReserveStreamExecute(ctx context.Context, s queryservice.Session, t *querypb.Target, pre []string, q string, b bound, tx int64, o *querypb.ExecuteOptions, f func(*sqltypes.Result) error) (queryservice.ReservedState, error) {
	return c.QueryService.ReserveStreamExecute(ctx, s, t, pre, q, sqltypes.CopyBindVariables(b), tx, o, f)
}
