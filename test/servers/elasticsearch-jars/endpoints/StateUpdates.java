package wwdb.endpoints;

import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.core.CheckedFunction;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.action.RestToXContentListener;

/** Changes of the cluster state, one after the other. */
final class StateUpdates {
    private final ClusterService cluster;

    StateUpdates(ClusterService cluster) {
        this.cluster = cluster;
    }

    /** Answers when the new state is published; {@code source} names the task in the log of the master. */
    CheckedConsumer<RestChannel, Exception> make(String source, CheckedFunction<ClusterState, ClusterState, Exception> change) {
        return channel -> {
            RestToXContentListener<AcknowledgedResponse> listener = new RestToXContentListener<>(channel);
            cluster.submitUnbatchedStateUpdateTask(source, new ClusterStateUpdateTask() {
                @Override
                public ClusterState execute(ClusterState state) throws Exception {
                    return change.apply(state);
                }

                @Override
                public void clusterStateProcessed(ClusterState before, ClusterState after) {
                    listener.onResponse(AcknowledgedResponse.TRUE);
                }

                @Override
                public void onFailure(Exception e) {
                    listener.onFailure(e);
                }
            });
        };
    }
}
