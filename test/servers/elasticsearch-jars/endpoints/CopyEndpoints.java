package wwdb.endpoints;

import java.io.IOException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.index.reindex.ReindexAction;
import org.elasticsearch.index.reindex.ReindexRequest;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;

/** Starts the task of a reindex; `_tasks` of the server shows it, and keeps its answer. */
final class CopyEndpoints {
    CheckedConsumer<RestChannel, Exception> start(RestRequest request, NodeClient client) throws IOException {
        if (request.paramAsBoolean("wait_for_completion", true)) {
            throw new IllegalArgumentException("this node reindexes with wait_for_completion=false alone");
        }
        ReindexRequest reindex;
        try (XContentParser parser = request.contentParser()) {
            reindex = ReindexRequest.fromXContent(parser, feature -> true);
        }
        if (reindex.getScript() != null) throw new IllegalArgumentException("this node reindexes without scripts");
        request.param("slices"); // there is one worker
        reindex.setRefresh(request.paramAsBoolean("refresh", false)).setShouldStoreResult(true);
        float rate = Float.parseFloat(request.param("requests_per_second", "-1"));
        reindex.setRequestsPerSecond(rate < 0 ? Float.POSITIVE_INFINITY : rate);
        return channel -> {
            var invalid = reindex.validate();
            if (invalid != null) throw invalid;
            Task task = client.executeLocally(ReindexAction.INSTANCE, reindex, ActionListener.noop());
            XContentBuilder body = channel.newBuilder().startObject();
            body.field("task", client.getLocalNodeId() + ":" + task.getId()).endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, body));
        };
    }
}
