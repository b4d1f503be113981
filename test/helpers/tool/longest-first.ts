import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take longest, by project: they are begun first, or the last one would run alone while the other cores wait. Vitest knows
 * how long a file took only where it ran before, and begins with the largest elsewhere.
 */
const longest: readonly string[] = [
  'test/chaos/prune-restore-kills.test.ts',
  'test/chaos/vitess-revert-kills.test.ts',
  'test/chaos/vitess-random-kills.test.ts',
  'test/chaos/fan-out.test.ts',
  'test/chaos/redis-reshard.test.ts',
  'test/chaos/vitess-servers.test.ts',
  'test/chaos/elasticsearch.test.ts',
  'test/chaos/shards-move-kills.test.ts',
  'test/chaos/vitess-kills.test.ts',
  'test/chaos/vitess-mysqld-kills.test.ts',
  'test/chaos/kill-points.test.ts',
  'test/chaos/group.test.ts',
  'test/chaos/long-alter.test.ts',
  'test/chaos/influxdb.test.ts',
  'test/chaos/vitess-rotation-random-kills.test.ts',
  'test/chaos/vitess-rotation-kills.test.ts',
  'test/chaos/vitess-reparents.test.ts',
  'test/chaos/vitess-seed-kills.test.ts',
  'test/chaos/rotation-kill-points.test.ts',
  'test/chaos/kill-points-alone.test.ts',
  'test/chaos/online-kills.test.ts',
  'test/chaos/provision.test.ts',
  // Waits for a whole minute of a real clock.
  'test/cli/commands/schedule-render.test.ts',
  'test/cli/docs-site.test.ts',
  'test/cli/adding.test.ts',
  'test/cli/platform.test.ts',
  'test/cli/month.test.ts',
  'test/cli/large-history.test.ts',
  'test/cli/user-code.test.ts',
  'test/integration/vitess/statement-forms.test.ts',
  'test/integration/vitess/shard-drops.test.ts',
  'test/integration/schema/drift-kinds.test.ts',
  'test/integration/operate/online/pt-osc.test.ts',
  'test/integration/operate/online/log-tools.test.ts',
  'test/integration/migrations/more-attempts.test.ts',
  'test/integration/stores/setup-restore.test.ts',
  'test/integration/vitess/vschema.test.ts',
  'test/integration/vitess/revert.test.ts',
  'test/integration/grants/trial.test.ts',
  'test/integration/vitess/vschema-drift.test.ts',
  'test/integration/migrations/hostile-attempts.test.ts',
  'test/integration/stores/redis-reshard.test.ts',
  'test/integration/stores/mongodb-compatibility.test.ts',
  'test/integration/vitess/migrate.test.ts',
  'test/integration/sandbox/sandbox.test.ts',
  'test/integration/stores/mongodb-migrations.test.ts',
  'test/integration/vitess/revert-between.test.ts',
  'test/integration/operate/online/revert.test.ts',
  'test/integration/stores/influxdb-backfill.test.ts',
  'test/integration/shards/fan-out-online.test.ts',
  'test/integration/operate/guard.test.ts',
  'test/integration/migrations/losses.test.ts',
  'test/integration/mysql/server-wide-locks.test.ts',
  'test/integration/vitess/shards.test.ts',
  'test/integration/retire/restarted.test.ts',
  'test/integration/mysql/hostile-globals.test.ts',
  'test/integration/stores/mongodb-migrations-plan.test.ts',
  'test/integration/schema/round-trips.test.ts',
  'test/integration/platform/platform-schema.test.ts',
  'test/integration/mysql/algorithm-changes.test.ts',
  'test/contract/mysql-shard-store.test.ts',
  'test/unit/shards/rotation.property.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = this.ctx.config.root
    const rank = (file: TestSpecification): number => {
      const place = longest.indexOf(relative(root, file.moduleId))
      return place < 0 ? longest.length : place
    }
    const byProject = new Map<string, TestSpecification[]>()
    for (const file of await super.sort(files)) {
      byProject.set(file.project.name, [...(byProject.get(file.project.name) ?? []), file])
    }
    return [...byProject.values()].flatMap((own) => own.toSorted((one, other) => rank(one) - rank(other)))
  }
}
