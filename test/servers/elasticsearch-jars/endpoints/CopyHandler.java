package wwdb.endpoints;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.DocWriteResponse;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.search.ClearScrollRequest;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.SearchScrollRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.VersionType;
import org.elasticsearch.index.reindex.BulkByScrollResponse;
import org.elasticsearch.index.reindex.BulkByScrollTask;
import org.elasticsearch.index.reindex.ReindexAction;
import org.elasticsearch.index.reindex.ReindexRequest;
import org.elasticsearch.index.reindex.WorkerBulkByScrollTaskState;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.elasticsearch.xcontent.XContentType;

/**
 * What stands behind POST _reindex: the module is not published. Request, task, throttling, status and answer are the server's own; only the loop from a
 * scroll to bulk requests is written here, with one worker.
 */
public final class CopyHandler extends HandledTransportAction<ReindexRequest, BulkByScrollResponse> {
    private final Client client;
    private final ThreadPool pool;

    @Inject
    public CopyHandler(TransportService transport, ActionFilters filters, Client client, ThreadPool pool) {
        super(ReindexAction.NAME, transport, filters, ReindexRequest::new, EsExecutors.DIRECT_EXECUTOR_SERVICE);
        this.client = client;
        this.pool = pool;
    }

    @Override
    protected void doExecute(Task task, ReindexRequest request, ActionListener<BulkByScrollResponse> listener) {
        BulkByScrollTask copy = (BulkByScrollTask) task;
        copy.setWorker(request.getRequestsPerSecond(), null);
        pool.generic().execute(ActionRunnable.supply(listener, () -> copyAll(copy, request)));
    }

    private BulkByScrollResponse copyAll(BulkByScrollTask task, ReindexRequest request) throws Exception {
        long started = System.nanoTime();
        WorkerBulkByScrollTaskState worker = task.getWorkerState();
        List<BulkItemResponse.Failure> failures = new ArrayList<>();
        SearchRequest search = request.getSearchRequest().scroll(request.getScrollTime());
        search.source().version(true);
        if (search.source().sorts() == null) search.source().sort("_doc");
        SearchResponse page = client.search(search).actionGet();
        String scroll = page.getScrollId();
        try {
            worker.setTotal(page.getHits().getTotalHits().value);
            while (page.getHits().getHits().length > 0 && failures.isEmpty() && task.isCancelled() == false) {
                long batch = System.nanoTime();
                int size = page.getHits().getHits().length;
                worker.countBatch();
                writeBatch(worker, request, page, failures);
                page.decRef();
                waitFor(task, worker.throttleWaitTime(batch, System.nanoTime(), size));
                page = client.searchScroll(new SearchScrollRequest(scroll).scroll(request.getScrollTime())).actionGet();
                scroll = page.getScrollId();
            }
        } finally {
            page.decRef();
            ClearScrollRequest clear = new ClearScrollRequest();
            clear.addScrollId(scroll);
            client.clearScroll(clear).actionGet();
        }
        if (request.isRefresh()) client.admin().indices().prepareRefresh(request.getDestination().index()).get();
        TimeValue took = TimeValue.timeValueNanos(System.nanoTime() - started);
        return new BulkByScrollResponse(took, task.getStatus(), failures, List.of(), false);
    }

    private static void waitFor(BulkByScrollTask task, TimeValue wait) throws InterruptedException {
        long end = System.nanoTime() + wait.nanos();
        while (System.nanoTime() < end && task.isCancelled() == false) Thread.sleep(Math.min(50, wait.millis()));
    }

    private void writeBatch(
        WorkerBulkByScrollTaskState worker,
        ReindexRequest request,
        SearchResponse page,
        List<BulkItemResponse.Failure> failures
    ) {
        BulkRequest bulk = new BulkRequest().setRefreshPolicy(RefreshPolicy.NONE);
        for (SearchHit hit : page.getHits()) bulk.add(toWrite(request.getDestination(), hit));
        for (BulkItemResponse item : client.bulk(bulk).actionGet()) {
            boolean conflicts = item.isFailed() && item.getFailure().getStatus() == RestStatus.CONFLICT;
            if (conflicts) worker.countVersionConflict();
            if (item.isFailed()) {
                if (conflicts == false || request.isAbortOnVersionConflict()) failures.add(item.getFailure());
            } else if (item.getResponse().getResult() == DocWriteResponse.Result.CREATED) {
                worker.countCreated();
            } else {
                worker.countUpdated();
            }
        }
    }

    private static IndexRequest toWrite(IndexRequest destination, SearchHit hit) {
        byte[] source = BytesReference.toBytes(hit.getSourceRef());
        IndexRequest write = new IndexRequest(destination.index()).id(hit.getId())
            .source(source, XContentType.JSON)
            .opType(destination.opType())
            .setPipeline(destination.getPipeline());
        if (hit.field("_routing") != null) write.routing(hit.field("_routing").getValue());
        if (destination.versionType() != VersionType.INTERNAL) {
            write.versionType(destination.versionType()).version(hit.getVersion());
        }
        return write;
    }
}
