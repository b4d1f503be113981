package wwdb.endpoints;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.RepositoriesMetadata;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.snapshots.SnapshotState;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xpack.core.ilm.OperationMode;
import org.elasticsearch.xpack.core.slm.SnapshotInvocationRecord;
import org.elasticsearch.xpack.core.slm.SnapshotLifecycleMetadata;
import org.elasticsearch.xpack.core.slm.SnapshotLifecyclePolicy;
import org.elasticsearch.xpack.core.slm.SnapshotLifecyclePolicyItem;
import org.elasticsearch.xpack.core.slm.SnapshotLifecyclePolicyMetadata;
import org.elasticsearch.xpack.core.slm.SnapshotLifecycleStats;
import org.elasticsearch.xpack.core.slm.action.GetSnapshotLifecycleAction;

/** Policies of snapshots are parsed, validated, stored and reported by the code of x-pack-core. One is carried out where it is asked for; no schedule does. */
final class SnapshotPolicyEndpoints {
    private final ClusterService cluster;
    private final StateUpdates updates;

    SnapshotPolicyEndpoints(ClusterService cluster, StateUpdates updates) {
        this.cluster = cluster;
        this.updates = updates;
    }

    private static Map<String, SnapshotLifecyclePolicyMetadata> policies(ClusterState state) {
        SnapshotLifecycleMetadata found = state.metadata().custom(SnapshotLifecycleMetadata.TYPE, SnapshotLifecycleMetadata.EMPTY);
        return found.getSnapshotConfigurations();
    }

    private static ClusterState with(ClusterState state, Map<String, SnapshotLifecyclePolicyMetadata> policies) {
        var updated = new SnapshotLifecycleMetadata(policies, OperationMode.RUNNING, new SnapshotLifecycleStats());
        return ClusterState.builder(state)
            .metadata(Metadata.builder(state.metadata()).putCustom(SnapshotLifecycleMetadata.TYPE, updated))
            .build();
    }

    CheckedConsumer<RestChannel, Exception> putPolicy(RestRequest request, NodeClient client) throws IOException {
        String name = request.param("name");
        SnapshotLifecyclePolicy policy;
        try (XContentParser parser = request.contentParser()) {
            policy = SnapshotLifecyclePolicy.parse(parser, name);
        }
        ActionRequestValidationException invalid = policy.validate();
        if (invalid != null) {
            throw invalid;
        }
        return updates.make("put snapshot lifecycle " + name, state -> {
            if (RepositoriesMetadata.get(state).repository(policy.getRepository()) == null) {
                throw new IllegalArgumentException("no such repository [" + policy.getRepository() + "]");
            }
            Map<String, SnapshotLifecyclePolicyMetadata> all = new TreeMap<>(policies(state));
            SnapshotLifecyclePolicyMetadata old = all.get(name);
            long version = old == null ? 1 : old.getVersion() + 1;
            all.put(
                name,
                SnapshotLifecyclePolicyMetadata.builder()
                    .setPolicy(policy)
                    .setHeaders(Map.of())
                    .setVersion(version)
                    .setModifiedDate(System.currentTimeMillis())
                    .build()
            );
            return with(state, all);
        });
    }

    CheckedConsumer<RestChannel, Exception> getPolicies(RestRequest request, NodeClient client) {
        String[] names = request.paramAsStringArray("name", new String[] { "*" });
        List<SnapshotLifecyclePolicyItem> items = policies(cluster.state()).values()
            .stream()
            .filter(policy -> Regex.simpleMatch(names, policy.getId()))
            .map(policy -> new SnapshotLifecyclePolicyItem(policy, null, new SnapshotLifecycleStats.SnapshotPolicyStats(policy.getId())))
            .toList();
        if (items.isEmpty() && request.hasParam("name")) {
            throw new ResourceNotFoundException("snapshot lifecycle policy or policies {} not found", List.of(names));
        }
        var response = new GetSnapshotLifecycleAction.Response(items);
        return channel -> new RestToXContentListener<GetSnapshotLifecycleAction.Response>(channel).onResponse(response);
    }

    /** Takes the snapshot by the server's own service, and notes down how it ended as SLM does. */
    CheckedConsumer<RestChannel, Exception> executePolicy(RestRequest request, NodeClient client) {
        String name = request.param("name");
        SnapshotLifecyclePolicyMetadata found = policies(cluster.state()).get(name);
        if (found == null) throw new ResourceNotFoundException("snapshot lifecycle policy not found: {}", name);
        var snapshot = found.getPolicy().toRequest(TimeValue.timeValueSeconds(30)).waitForCompletion(true);
        long started = System.currentTimeMillis();
        return channel -> client.admin().cluster().createSnapshot(snapshot, ActionListener.wrap(response -> {
            boolean complete = response.getSnapshotInfo().state() == SnapshotState.SUCCESS;
            String why = complete ? null : "{\"reason\":\"" + response.getSnapshotInfo().state() + "\"}";
            note(channel, name, snapshot.snapshot(), started, complete, why);
        }, failure -> {
            String why = "{\"type\":\"" + ElasticsearchException.getExceptionName(failure) + "\",\"reason\":" + quote(failure.getMessage()) + "}";
            note(channel, name, snapshot.snapshot(), started, false, why);
        }));
    }

    private static String quote(String text) {
        return "\"" + String.valueOf(text).replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private void note(RestChannel channel, String name, String snapshot, long started, boolean complete, String why) {
        try {
            updates.make("note snapshot of " + name, state -> {
                Map<String, SnapshotLifecyclePolicyMetadata> all = new TreeMap<>(policies(state));
                var record = new SnapshotInvocationRecord(snapshot, complete ? started : null, System.currentTimeMillis(), why);
                var noted = SnapshotLifecyclePolicyMetadata.builder(all.get(name));
                all.put(name, (complete ? noted.setLastSuccess(record) : noted.setLastFailure(record)).build());
                return with(state, all);
            }).accept(channel);
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    CheckedConsumer<RestChannel, Exception> deletePolicy(RestRequest request, NodeClient client) {
        String name = request.param("name");
        return updates.make("delete snapshot lifecycle " + name, state -> {
            Map<String, SnapshotLifecyclePolicyMetadata> all = new TreeMap<>(policies(state));
            if (all.remove(name) == null) {
                throw new ResourceNotFoundException("snapshot lifecycle policy not found: {}", name);
            }
            return with(state, all);
        });
    }
}
