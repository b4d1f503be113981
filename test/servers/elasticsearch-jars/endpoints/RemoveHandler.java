package wwdb.endpoints;

import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.delete.DeleteRequest;
import org.elasticsearch.action.search.ClearScrollRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.SearchScrollRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.index.reindex.BulkByScrollResponse;
import org.elasticsearch.index.reindex.BulkByScrollTask;
import org.elasticsearch.index.reindex.DeleteByQueryAction;
import org.elasticsearch.index.reindex.DeleteByQueryRequest;
import org.elasticsearch.index.reindex.WorkerBulkByScrollTaskState;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;

/**
 * What stands behind the removal of documents by a query: the module is not published, and the server's own service of synonyms sets replaces the rules of a set
 * with it. Request, task and answer are the server's own; only the loop from a scroll to bulk requests is written here.
 */
public final class RemoveHandler extends HandledTransportAction<DeleteByQueryRequest, BulkByScrollResponse> {
    private final Client client;
    private final ThreadPool pool;

    @Inject
    public RemoveHandler(TransportService transport, ActionFilters filters, Client client, ThreadPool pool) {
        super(DeleteByQueryAction.NAME, transport, filters, DeleteByQueryRequest::new, EsExecutors.DIRECT_EXECUTOR_SERVICE);
        this.client = client;
        this.pool = pool;
    }

    @Override
    protected void doExecute(Task task, DeleteByQueryRequest request, ActionListener<BulkByScrollResponse> listener) {
        BulkByScrollTask removal = (BulkByScrollTask) task;
        removal.setWorker(request.getRequestsPerSecond(), null);
        pool.generic().execute(ActionRunnable.supply(listener, () -> removeAll(removal, request)));
    }

    private BulkByScrollResponse removeAll(BulkByScrollTask task, DeleteByQueryRequest request) {
        long started = System.nanoTime();
        WorkerBulkByScrollTaskState worker = task.getWorkerState();
        List<BulkItemResponse.Failure> failures = new ArrayList<>();
        TimeValue keep = request.getScrollTime();
        SearchResponse page = client.search(request.getSearchRequest().scroll(keep)).actionGet();
        String scroll = page.getScrollId();
        try {
            worker.setTotal(page.getHits().getTotalHits().value);
            while (page.getHits().getHits().length > 0 && failures.isEmpty() && task.isCancelled() == false) {
                worker.countBatch();
                removeBatch(worker, page, failures);
                page.decRef();
                page = client.searchScroll(new SearchScrollRequest(scroll).scroll(keep)).actionGet();
                scroll = page.getScrollId();
            }
        } finally {
            page.decRef();
            ClearScrollRequest clear = new ClearScrollRequest();
            clear.addScrollId(scroll);
            client.clearScroll(clear).actionGet();
        }
        if (request.isRefresh()) client.admin().indices().prepareRefresh(request.indices()).setIndicesOptions(request.indicesOptions()).get();
        TimeValue took = TimeValue.timeValueNanos(System.nanoTime() - started);
        return new BulkByScrollResponse(took, task.getStatus(), failures, List.of(), false);
    }

    private void removeBatch(WorkerBulkByScrollTaskState worker, SearchResponse page, List<BulkItemResponse.Failure> failures) {
        BulkRequest bulk = new BulkRequest();
        for (SearchHit hit : page.getHits()) bulk.add(new DeleteRequest(hit.getIndex(), hit.getId()));
        for (BulkItemResponse item : client.bulk(bulk).actionGet()) {
            if (item.isFailed()) failures.add(item.getFailure());
            else worker.countDeleted();
        }
    }
}
