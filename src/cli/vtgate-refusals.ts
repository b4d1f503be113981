/** Why commands do not work on a keyspace, and what to do there instead. */
interface VtgateRefusal {
  readonly commands: readonly string[]
  readonly why: string
  readonly next: string
}

/** Each command that connects to MySQL and does not work through a vtgate: docs/reference/platforms.md has the same sentences. */
export const vtgateRefusals: readonly VtgateRefusal[] = [
  {
    commands: ['db create', 'db drop', 'up'],
    why: 'A keyspace is created and dropped with its shards and their tablets, which vtgate cannot do.',
    next: 'Use `vtctldclient CreateKeyspace` and `vtctldclient DeleteKeyspace`, then `wwdb migrate`.',
  },
  {
    commands: [
      'provision down',
      'provision exec',
      'provision gc',
      'provision list',
      'provision restore',
      'provision snapshot',
      'provision up',
    ],
    why: 'A test environment is a copy of the databases under other names, which are schemas of MySQL itself.',
    next: 'Give test environments an environment of the configuration whose databases are on MySQL: `--env NAME`.',
  },
  {
    commands: ['shards adopt', 'shards map', 'shards publish', 'shards remove', 'shards rename-family', 'shards split'],
    why: 'On a keyspace, shards are made, checked, put on hold and dropped, and nothing else is done to them: what this command writes was not tried through vtgate.',
    next: '`wwdb rotate run`, `wwdb shards create`, `wwdb shards restore` and `wwdb shards protect` work there.',
  },
  {
    commands: ['shards move'],
    why: 'It moves shards from a server of MySQL, and the keyspace is what `--to` names.',
    next: 'Run it in the environment whose database has the shards.',
  },
  {
    commands: ['online list', 'online revert'],
    why: 'On a keyspace, Vitess makes online changes, and wwdb none.',
    next: '`SHOW VITESS_MIGRATIONS` lists them, and `wwdb rollback --revert` takes one back with the rows that were written since.',
  },
  {
    commands: ['held', 'retire list', 'retire run', 'retire undo', 'undo'],
    why: 'wwdb keeps nothing for a time there, as `-- wwdb:retire` and `-- wwdb:batch` do not run. Vitess itself keeps a table that its migration dropped for a day, unless its tablets are set otherwise.',
    next: 'Take back a migration with `wwdb rollback`, or with `wwdb rollback --revert`, by which a dropped table comes back with its rows.',
  },
  {
    commands: ['throttle'],
    why: 'wwdb asks no server there, and `throttle.window` and `throttle.stopAt` alone hold it back. What Vitess runs, its own throttler holds back where it is enabled for the keyspace, by the lag of the replicas of each shard.',
    next: '`SHOW VITESS_THROTTLER STATUS` and `SHOW VITESS_THROTTLED_APPS`, after `USE` of the keyspace, show what its throttler looks at and whom it holds back, and `SHOW VITESS_MIGRATIONS` for what an online migration waits.',
  },
  {
    commands: ['uses'],
    why: 'Each server of a keyspace has counters of its own, and vtgate answers from one of them.',
    next: 'Look at each tablet: `/debug/query_stats` lists its statements.',
  },
  {
    commands: ['check references'],
    why: 'It compares the keys of two databases in one statement or in snapshots, and vtgate reads each shard at a time of its own.',
    next: '`SELECT ... FROM child LEFT JOIN parent ON ... WHERE parent.id IS NULL AND child.parent_id IS NOT NULL` runs through vtgate, also across keyspaces. Run it twice: a key that is in both answers has no parent.',
  },
  {
    commands: ['lint'],
    why: 'With `--server` it tries what is pending in scratch schemas, and vtgate has none.',
    next: 'Leave `--server` out: the files are reviewed by their texts.',
  },
]
