package wwdb.endpoints;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.common.settings.Setting;
import org.elasticsearch.core.CheckedFunction;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xpack.core.ilm.*;
import org.elasticsearch.xpack.core.slm.SnapshotLifecycleMetadata;

/** What the modules x-pack-ilm and x-pack-slm register with the server. */
final class LifecycleRegistry {
    private LifecycleRegistry() {}

    static List<Setting<?>> settings() {
        return List.of(
            LifecycleSettings.LIFECYCLE_POLL_INTERVAL_SETTING,
            LifecycleSettings.LIFECYCLE_NAME_SETTING,
            LifecycleSettings.LIFECYCLE_INDEXING_COMPLETE_SETTING,
            LifecycleSettings.LIFECYCLE_HISTORY_INDEX_ENABLED_SETTING,
            LifecycleSettings.LIFECYCLE_STEP_MASTER_TIMEOUT_SETTING,
            LifecycleSettings.LIFECYCLE_STEP_WAIT_TIME_THRESHOLD_SETTING,
            LifecycleSettings.LIFECYCLE_ROLLOVER_ONLY_IF_HAS_DOCUMENTS_SETTING,
            LifecycleSettings.LIFECYCLE_SKIP_SETTING,
            RolloverAction.LIFECYCLE_ROLLOVER_ALIAS_SETTING,
            LifecycleSettings.SLM_MINIMUM_INTERVAL_SETTING,
            LifecycleSettings.SLM_RETENTION_SCHEDULE_SETTING
        );
    }

    /** Parsers of everything that a policy may hold. */
    static List<NamedXContentRegistry.Entry> parsers() {
        List<NamedXContentRegistry.Entry> entries = new ArrayList<>();
        entries.add(
            new NamedXContentRegistry.Entry(
                Metadata.Custom.class,
                new ParseField(IndexLifecycleMetadata.TYPE),
                parser -> IndexLifecycleMetadata.PARSER.parse(parser, null)
            )
        );
        entries.add(
            new NamedXContentRegistry.Entry(
                Metadata.Custom.class,
                new ParseField(SnapshotLifecycleMetadata.TYPE),
                parser -> SnapshotLifecycleMetadata.PARSER.parse(parser, null)
            )
        );
        entries.add(
            new NamedXContentRegistry.Entry(
                LifecycleType.class,
                new ParseField(TimeseriesLifecycleType.TYPE),
                parser -> TimeseriesLifecycleType.INSTANCE
            )
        );
        Map<String, CheckedFunction<XContentParser, LifecycleAction, IOException>> actions = new TreeMap<>();
        actions.put(AllocateAction.NAME, AllocateAction::parse);
        actions.put(DeleteAction.NAME, DeleteAction::parse);
        actions.put(DownsampleAction.NAME, DownsampleAction::parse);
        actions.put(ForceMergeAction.NAME, ForceMergeAction::parse);
        actions.put(FreezeAction.NAME, FreezeAction::parse);
        actions.put(MigrateAction.NAME, MigrateAction::parse);
        actions.put(ReadOnlyAction.NAME, ReadOnlyAction::parse);
        actions.put(RolloverAction.NAME, RolloverAction::parse);
        actions.put(SearchableSnapshotAction.NAME, SearchableSnapshotAction::parse);
        actions.put(SetPriorityAction.NAME, SetPriorityAction::parse);
        actions.put(ShrinkAction.NAME, ShrinkAction::parse);
        actions.put(UnfollowAction.NAME, UnfollowAction::parse);
        actions.put(WaitForSnapshotAction.NAME, WaitForSnapshotAction::parse);
        actions.forEach((name, parse) -> entries.add(new NamedXContentRegistry.Entry(LifecycleAction.class, new ParseField(name), parse)));
        return entries;
    }
}
