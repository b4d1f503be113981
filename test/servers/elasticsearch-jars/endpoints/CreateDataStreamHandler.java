package wwdb.endpoints;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.datastreams.CreateDataStreamAction;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.metadata.MetadataCreateDataStreamService;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;

/** What stands behind PUT _data_stream: the service of the server does the work. */
public final class CreateDataStreamHandler extends HandledTransportAction<CreateDataStreamAction.Request, AcknowledgedResponse> {
    private final MetadataCreateDataStreamService service;

    @Inject
    public CreateDataStreamHandler(TransportService transport, ActionFilters filters, MetadataCreateDataStreamService service) {
        super(CreateDataStreamAction.NAME, transport, filters, CreateDataStreamAction.Request::new, EsExecutors.DIRECT_EXECUTOR_SERVICE);
        this.service = service;
    }

    @Override
    protected void doExecute(Task task, CreateDataStreamAction.Request request, ActionListener<AcknowledgedResponse> listener) {
        service.createDataStream(
            new MetadataCreateDataStreamService.CreateDataStreamClusterStateUpdateRequest(
                request.getName(),
                request.getStartTime(),
                null,
                request.masterNodeTimeout(),
                request.ackTimeout(),
                true
            ),
            listener
        );
    }
}
