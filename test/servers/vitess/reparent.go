package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"vitess.io/vitess/go/stats"
	"vitess.io/vitess/go/vt/logutil"
	"vitess.io/vitess/go/vt/mysqlctl"
	replicationdatapb "vitess.io/vitess/go/vt/proto/replicationdata"
	topodatapb "vitess.io/vitess/go/vt/proto/topodata"
	"vitess.io/vitess/go/vt/servenv"
	"vitess.io/vitess/go/vt/topo"
	"vitess.io/vitess/go/vt/topo/topoproto"
	"vitess.io/vitess/go/vt/vtctl/reparentutil"
	"vitess.io/vitess/go/vt/vtenv"
)

// A server of a shard with two tablets. Its flags keep the replica from losing what a client was told; Vitess' policy of one primary and one replica would leave the last one without writes.
type replicating struct{ *mysqlctl.Mysqld }

func (replicating) SetSemiSyncEnabled(context.Context, bool, bool) error { return nil }

// The second tablet of a shard. It replicates from the primary that the topology names.
func createReplica(ctx context.Context, env *vtenv.Environment, ts *topo.Server, uid uint32, one shard, counts *stats.CountersWithSingleLabel) error {
	if err := awaitPrimary(ctx, ts, one); err != nil {
		return err
	}
	one.socket = one.replica
	_, err := startTablet(ctx, env, ts, uid, one, func(real *mysqlctl.Mysqld) mysqlctl.MysqlDaemon { return replicating{real} }, counts)
	return err
}

// A tablet writes itself into the topology a moment after it has become the primary.
func awaitPrimary(ctx context.Context, ts *topo.Server, one shard) error {
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		info, err := ts.GetShard(ctx, one.keyspace, one.name)
		if err != nil {
			return err
		}
		if info.PrimaryAlias == nil {
			continue
		}
		primary, err := ts.GetTablet(ctx, info.PrimaryAlias)
		if err != nil {
			return err
		}
		if primary.MysqlPort != 0 {
			return nil
		}
	}
	return ctx.Err()
}

// `/debug/reparent?keyspace=user_db&shard=0&kind=planned` (or `emergency`) makes the other tablet of a shard its primary, as vtctld does it.
func answerReparents(ts *topo.Server) {
	servenv.HTTPHandleFunc("/debug/reparent", func(answer http.ResponseWriter, request *http.Request) {
		if err := reparent(request.Context(), ts, request.FormValue("keyspace"), request.FormValue("shard"), request.FormValue("kind")); err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
		}
	})
}

// Of each step.
const longestStep = 15 * time.Second

func reparent(ctx context.Context, ts *topo.Server, keyspace, shard, kind string) error {
	other, err := otherTablet(ctx, ts, keyspace, shard)
	if err != nil {
		return err
	}
	logger := logutil.NewConsoleLogger()
	switch kind {
	case "planned":
		options := reparentutil.PlannedReparentOptions{NewPrimaryAlias: other, WaitReplicasTimeout: longestStep}
		_, err = reparentutil.NewPlannedReparenter(ts, reparenting{}, logger).ReparentShard(ctx, keyspace, shard, options)
	case "emergency":
		options := reparentutil.EmergencyReparentOptions{NewPrimaryAlias: other, WaitReplicasTimeout: longestStep}
		_, err = reparentutil.NewEmergencyReparenter(ts, reparenting{}, logger).ReparentShard(ctx, keyspace, shard, options)
	default:
		err = fmt.Errorf("%q is neither planned nor emergency", kind)
	}
	return err
}

// The one that is not the primary.
func otherTablet(ctx context.Context, ts *topo.Server, keyspace, shard string) (*topodatapb.TabletAlias, error) {
	info, err := ts.GetShard(ctx, keyspace, shard)
	if err != nil {
		return nil, err
	}
	found, err := ts.GetTabletMapForShard(ctx, keyspace, shard)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		if !topoproto.TabletAliasEqual(one.Alias, info.PrimaryAlias) {
			return one.Alias, nil
		}
	}
	return nil, fmt.Errorf("%s/%s has no second tablet", keyspace, shard)
}

// The calls of reparents, beside those that other work makes.
type reparenting struct{ managers }

func (reparenting) PrimaryStatus(ctx context.Context, to *topodatapb.Tablet) (*replicationdatapb.PrimaryStatus, error) {
	return of(to).PrimaryStatus(ctx)
}
func (reparenting) PrimaryPosition(ctx context.Context, to *topodatapb.Tablet) (string, error) {
	return of(to).PrimaryPosition(ctx)
}
func (reparenting) ReplicationStatus(ctx context.Context, to *topodatapb.Tablet) (*replicationdatapb.Status, error) {
	return of(to).ReplicationStatus(ctx)
}
func (reparenting) GetGlobalStatusVars(ctx context.Context, to *topodatapb.Tablet, names []string) (map[string]string, error) {
	return of(to).GetGlobalStatusVars(ctx, names)
}
func (reparenting) WaitForPosition(ctx context.Context, to *topodatapb.Tablet, position string) error {
	return of(to).WaitForPosition(ctx, position)
}
func (reparenting) DemotePrimary(ctx context.Context, to *topodatapb.Tablet, force bool) (*replicationdatapb.PrimaryStatus, error) {
	return of(to).DemotePrimary(ctx, force)
}
func (reparenting) UndoDemotePrimary(ctx context.Context, to *topodatapb.Tablet, semiSync bool) error {
	return of(to).UndoDemotePrimary(ctx, semiSync)
}
func (reparenting) PromoteReplica(ctx context.Context, to *topodatapb.Tablet, semiSync bool) (string, error) {
	return of(to).PromoteReplica(ctx, semiSync)
}
func (reparenting) SetReplicationSource(ctx context.Context, to *topodatapb.Tablet, parent *topodatapb.TabletAlias, created int64, position string, force, semiSync bool, heartbeat float64) error {
	return of(to).SetReplicationSource(ctx, parent, created, position, force, semiSync, heartbeat)
}
func (reparenting) StopReplicationAndGetStatus(ctx context.Context, to *topodatapb.Tablet, mode replicationdatapb.StopReplicationMode) (*replicationdatapb.StopReplicationStatus, error) {
	answer, err := of(to).StopReplicationAndGetStatus(ctx, mode)
	return answer.Status, err
}
func (reparenting) StartReplication(ctx context.Context, to *topodatapb.Tablet, semiSync bool) error {
	return of(to).StartReplication(ctx, semiSync)
}
func (reparenting) SetReadWrite(ctx context.Context, to *topodatapb.Tablet) error {
	return of(to).SetReadOnly(ctx, false)
}
func (reparenting) PopulateReparentJournal(ctx context.Context, to *topodatapb.Tablet, created int64, action string, primary *topodatapb.TabletAlias, position string) error {
	return of(to).PopulateReparentJournal(ctx, created, action, primary, position)
}
func (reparenting) ReadReparentJournalInfo(ctx context.Context, to *topodatapb.Tablet) (int32, error) {
	return of(to).ReadReparentJournalInfo(ctx)
}
