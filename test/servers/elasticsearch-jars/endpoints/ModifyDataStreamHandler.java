package wwdb.endpoints;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.datastreams.ModifyDataStreamsAction;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;

/** What stands behind POST _data_stream/_modify: the service of the server does the work. */
public final class ModifyDataStreamHandler extends HandledTransportAction<ModifyDataStreamsAction.Request, AcknowledgedResponse> {
    private final MetadataDataStreamsService service;

    @Inject
    public ModifyDataStreamHandler(TransportService transport, ActionFilters filters, MetadataDataStreamsService service) {
        super(ModifyDataStreamsAction.NAME, transport, filters, ModifyDataStreamsAction.Request::new, EsExecutors.DIRECT_EXECUTOR_SERVICE);
        this.service = service;
    }

    @Override
    protected void doExecute(Task task, ModifyDataStreamsAction.Request request, ActionListener<AcknowledgedResponse> listener) {
        service.modifyDataStream(request, listener);
    }
}
