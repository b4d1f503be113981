package main

import (
	"context"

	"vitess.io/vitess/go/vt/mysqlctl/tmutils"
	querypb "vitess.io/vitess/go/vt/proto/query"
	tabletmanagerdatapb "vitess.io/vitess/go/vt/proto/tabletmanagerdata"
	topodatapb "vitess.io/vitess/go/vt/proto/topodata"
	"vitess.io/vitess/go/vt/servenv"
	"vitess.io/vitess/go/vt/topo"
	"vitess.io/vitess/go/vt/topo/topoproto"
	"vitess.io/vitess/go/vt/vtctl/grpcvtctldserver"
	"vitess.io/vitess/go/vt/vtenv"
)

// What vtctldclient asks is answered at --grpc-port, where there is one and the service map has grpc-vtctld.
func serveVtctld(env *vtenv.Environment, ts *topo.Server) {
	servenv.OnRun(func() {
		if servenv.GRPCCheckServiceMap("vtctld") {
			grpcvtctldserver.StartServer(servenv.GRPCServer, env, ts)
		}
	})
}

// The calls that workflows and their VDiff make. The client of a wire fills in the name of the tablet's database.
func (managers) Ping(context.Context, *topodatapb.Tablet) error { return nil }
func (managers) GetSchema(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.GetSchemaRequest) (*tabletmanagerdatapb.SchemaDefinition, error) {
	return of(to).GetSchema(ctx, request)
}
func (managers) ApplySchema(ctx context.Context, to *topodatapb.Tablet, change *tmutils.SchemaChange) (*tabletmanagerdatapb.SchemaChangeResult, error) {
	return of(to).ApplySchema(ctx, change)
}
func (managers) ExecuteFetchAsDba(ctx context.Context, to *topodatapb.Tablet, _ bool, request *tabletmanagerdatapb.ExecuteFetchAsDbaRequest) (*querypb.QueryResult, error) {
	request.DbName = topoproto.TabletDbName(to)
	return of(to).ExecuteFetchAsDba(ctx, request)
}
func (managers) ExecuteFetchAsAllPrivs(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.ExecuteFetchAsAllPrivsRequest) (*querypb.QueryResult, error) {
	request.DbName = topoproto.TabletDbName(to)
	return of(to).ExecuteFetchAsAllPrivs(ctx, request)
}
func (managers) ExecuteFetchAsApp(ctx context.Context, to *topodatapb.Tablet, _ bool, request *tabletmanagerdatapb.ExecuteFetchAsAppRequest) (*querypb.QueryResult, error) {
	return of(to).ExecuteFetchAsApp(ctx, request)
}
func (managers) CreateVReplicationWorkflow(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.CreateVReplicationWorkflowRequest) (*tabletmanagerdatapb.CreateVReplicationWorkflowResponse, error) {
	return of(to).CreateVReplicationWorkflow(ctx, request)
}
func (managers) DeleteTableData(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.DeleteTableDataRequest) (*tabletmanagerdatapb.DeleteTableDataResponse, error) {
	return of(to).DeleteTableData(ctx, request)
}
func (managers) DeleteVReplicationWorkflow(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.DeleteVReplicationWorkflowRequest) (*tabletmanagerdatapb.DeleteVReplicationWorkflowResponse, error) {
	return of(to).DeleteVReplicationWorkflow(ctx, request)
}
func (managers) HasVReplicationWorkflows(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.HasVReplicationWorkflowsRequest) (*tabletmanagerdatapb.HasVReplicationWorkflowsResponse, error) {
	return of(to).HasVReplicationWorkflows(ctx, request)
}
func (managers) ReadVReplicationWorkflows(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.ReadVReplicationWorkflowsRequest) (*tabletmanagerdatapb.ReadVReplicationWorkflowsResponse, error) {
	return of(to).ReadVReplicationWorkflows(ctx, request)
}
func (managers) ReadVReplicationWorkflow(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.ReadVReplicationWorkflowRequest) (*tabletmanagerdatapb.ReadVReplicationWorkflowResponse, error) {
	return of(to).ReadVReplicationWorkflow(ctx, request)
}
func (managers) UpdateVReplicationWorkflow(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.UpdateVReplicationWorkflowRequest) (*tabletmanagerdatapb.UpdateVReplicationWorkflowResponse, error) {
	return of(to).UpdateVReplicationWorkflow(ctx, request)
}
func (managers) UpdateVReplicationWorkflows(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.UpdateVReplicationWorkflowsRequest) (*tabletmanagerdatapb.UpdateVReplicationWorkflowsResponse, error) {
	return of(to).UpdateVReplicationWorkflows(ctx, request)
}
func (managers) ValidateVReplicationPermissions(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.ValidateVReplicationPermissionsRequest) (*tabletmanagerdatapb.ValidateVReplicationPermissionsResponse, error) {
	return of(to).ValidateVReplicationPermissions(ctx, request)
}
func (managers) VDiff(ctx context.Context, to *topodatapb.Tablet, request *tabletmanagerdatapb.VDiffRequest) (*tabletmanagerdatapb.VDiffResponse, error) {
	return of(to).VDiff(ctx, request)
}
