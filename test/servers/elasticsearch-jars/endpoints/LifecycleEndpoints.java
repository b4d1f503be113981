package wwdb.endpoints;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.RestUtils;
import org.elasticsearch.rest.action.RestChunkedToXContentListener;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xpack.core.ilm.*;
import org.elasticsearch.xpack.core.ilm.action.GetLifecycleAction;
import org.elasticsearch.xpack.core.ilm.action.PutLifecycleRequest;

/** Lifecycle policies are parsed, validated, stored and reported by the code of x-pack-core; nothing carries them out. */
final class LifecycleEndpoints {
    private final ClusterService cluster;
    private final IndexNameExpressionResolver resolver;
    private final StateUpdates updates;

    LifecycleEndpoints(ClusterService cluster, IndexNameExpressionResolver resolver, StateUpdates updates) {
        this.cluster = cluster;
        this.resolver = resolver;
        this.updates = updates;
    }

    private static IndexLifecycleMetadata lifecycles(ClusterState state) {
        return state.metadata().custom(IndexLifecycleMetadata.TYPE, IndexLifecycleMetadata.EMPTY);
    }

    private static ClusterState with(ClusterState state, Map<String, LifecyclePolicyMetadata> policies) {
        IndexLifecycleMetadata updated = new IndexLifecycleMetadata(policies, lifecycles(state).getOperationMode());
        return ClusterState.builder(state)
            .metadata(Metadata.builder(state.metadata()).putCustom(IndexLifecycleMetadata.TYPE, updated))
            .build();
    }

    CheckedConsumer<RestChannel, Exception> putPolicy(RestRequest request, NodeClient client) throws IOException {
        String name = request.param("name");
        PutLifecycleRequest put;
        try (XContentParser parser = request.contentParser()) {
            put = PutLifecycleRequest.parseRequest(new PutLifecycleRequest.Factory() {
                @Override
                public PutLifecycleRequest create(LifecyclePolicy policy) {
                    return new PutLifecycleRequest(RestUtils.getMasterNodeTimeout(request), RestUtils.getAckTimeout(request), policy);
                }

                @Override
                public String getPolicyName() {
                    return name;
                }
            }, parser);
        }
        ActionRequestValidationException invalid = put.validate();
        if (invalid != null) {
            throw invalid;
        }
        LifecyclePolicy.validatePolicyName(name);
        return updates.make("put lifecycle " + name, state -> {
            Map<String, LifecyclePolicyMetadata> policies = new TreeMap<>(lifecycles(state).getPolicyMetadatas());
            LifecyclePolicyMetadata old = policies.get(name);
            if (old != null && old.getPolicy().equals(put.getPolicy())) {
                return state; // as Elasticsearch does: an equal policy keeps its version
            }
            long version = old == null ? 1 : old.getVersion() + 1;
            policies.put(name, new LifecyclePolicyMetadata(put.getPolicy(), Map.of(), version, System.currentTimeMillis()));
            return with(state, policies);
        });
    }

    CheckedConsumer<RestChannel, Exception> getPolicies(RestRequest request, NodeClient client) {
        ClusterState state = cluster.state();
        String[] patterns = request.paramAsStringArray("name", new String[] { "*" });
        Map<String, LifecyclePolicyMetadata> found = new TreeMap<>();
        for (String pattern : patterns) {
            if (Regex.isSimpleMatchPattern(pattern)) {
                lifecycles(state).getPolicyMetadatas().forEach((name, policy) -> {
                    if (Regex.simpleMatch(pattern, name)) {
                        found.put(name, policy);
                    }
                });
            } else {
                LifecyclePolicyMetadata policy = lifecycles(state).getPolicyMetadatas().get(pattern);
                if (policy == null) {
                    throw new ResourceNotFoundException("Lifecycle policy not found: {}", pattern);
                }
                found.put(pattern, policy);
            }
        }
        // The calculator wants ILM metadata in the state, which a fresh cluster does not have yet.
        var usage = found.isEmpty() ? null : new LifecyclePolicyUsageCalculator(resolver, state, Arrays.asList(patterns));
        var items = found.values()
            .stream()
            .map(
                policy -> new GetLifecycleAction.LifecyclePolicyResponseItem(
                    policy.getPolicy(),
                    policy.getVersion(),
                    policy.getModifiedDateString(),
                    usage.retrieveCalculatedUsage(policy.getName())
                )
            )
            .toList();
        GetLifecycleAction.Response response = new GetLifecycleAction.Response(items);
        return channel -> new RestChunkedToXContentListener<GetLifecycleAction.Response>(channel).onResponse(response);
    }

    CheckedConsumer<RestChannel, Exception> deletePolicy(RestRequest request, NodeClient client) {
        String name = request.param("name");
        return updates.make("delete lifecycle " + name, state -> {
            List<String> users = state.metadata()
                .indices()
                .values()
                .stream()
                .filter(index -> name.equals(index.getLifecyclePolicyName()))
                .map(index -> index.getIndex().getName())
                .sorted()
                .toList();
            if (users.isEmpty() == false) {
                throw new IllegalArgumentException("Cannot delete policy [" + name + "]. It is in use by one or more indices: " + users);
            }
            Map<String, LifecyclePolicyMetadata> policies = new TreeMap<>(lifecycles(state).getPolicyMetadatas());
            if (policies.remove(name) == null) {
                throw new ResourceNotFoundException("Lifecycle policy not found: {}", name);
            }
            return with(state, policies);
        });
    }

    CheckedConsumer<RestChannel, Exception> status(RestRequest request, NodeClient client) {
        return channel -> {
            XContentBuilder body = channel.newBuilder().startObject();
            body.field("operation_mode", lifecycles(cluster.state()).getOperationMode().toString()).endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, body));
        };
    }
}
