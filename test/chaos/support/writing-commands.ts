import { fanOutSet, fanOutSetUp } from './fan-out-set.ts'
import { oldDay, rotationFiles, rotationSetUp } from './rotation-scenario.ts'

/** A command that writes, with all that has to be there before it. */
export interface WritingCommand {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly setUp: string
  /** Runs before it that are not killed. */
  readonly prelude: readonly (readonly string[])[]
  /** What a person changes after them. */
  readonly byHand?: string
  readonly args: readonly string[]
  /** What is run after the kill; the same by default. A `redo` has begun to apply again what it reverted: `migrate` continues that. */
  readonly next?: readonly string[]
  /** What the same run may say after the killed one had ended its work. */
  readonly nothingLeft?: RegExp
  /** False where no migration makes what is there: `drift` has nothing to compare with. */
  readonly comparesDrift?: false
  /** A run after one that had ended its work takes the next step: a shard has another name then, and the same rows. */
  readonly comparesRowsAlone?: true
}

/** Each statement shows in the rows how often it ran. */
const migrations = {
  'migrations/app/0001_first.sql': `-- wwdb:accept DROP_TABLE only in tests
-- migrate:up
CREATE TABLE counts (id INT PRIMARY KEY, n INT NOT NULL, KEY idx_n (n));
INSERT INTO counts VALUES (1, 0), (2, 0);
CREATE TABLE notes (what VARCHAR(20) NOT NULL);
UPDATE counts SET n = n + 1 WHERE id = 1;
-- migrate:down
DROP TABLE notes;
DROP TABLE counts;
`,
  'migrations/app/0002_second.sql': `-- migrate:up
ALTER TABLE counts ADD COLUMN m INT NOT NULL DEFAULT 0;
INSERT INTO notes VALUES ('second');
UPDATE counts SET n = n + 1, m = m + 1 WHERE id = 2;
CREATE VIEW seen AS SELECT id, n FROM counts;
-- migrate:down
DROP VIEW seen;
UPDATE counts SET n = n - 1 WHERE id = 2;
DELETE FROM notes WHERE what = 'second';
ALTER TABLE counts DROP COLUMN m;
`,
  'migrations/app/0003_third.sql': `-- migrate:up
CREATE TABLE more (id INT PRIMARY KEY, c_id INT, CONSTRAINT fk_more FOREIGN KEY (c_id) REFERENCES counts (id));
INSERT INTO more SELECT id, id FROM counts;
CREATE PROCEDURE add_one() UPDATE counts SET n = n + 1 WHERE id = 1;
CALL add_one();
-- migrate:down
UPDATE counts SET n = n - 1 WHERE id = 1;
DROP PROCEDURE add_one;
DROP TABLE more;
`,
}

const seeds = {
  'migrations/app/.keep': '',
  'seeds/app/roles.yaml':
    'table: roles\nkey: name\nchangedByHand: overwrite\nrows:\n  - { name: admin, title: New }\n  - { name: fresh, title: Fresh }\n',
  'seeds/app/count.sql': 'INSERT INTO counts VALUES (1);\nUPDATE counts SET n = n + 1;\n',
}
/** Without AUTO_INCREMENT: MySQL gives the number of an INSERT that was taken back to no other row. */
const seedTables = `CREATE TABLE roles (name VARCHAR(20) NOT NULL PRIMARY KEY, title VARCHAR(40) NOT NULL);
INSERT INTO roles VALUES ('admin', 'Old'), ('people', 'made by people');
CREATE TABLE counts (n INT NOT NULL)`

const migrate = ['migrate', '--yes'] as const
const byHand =
  "ALTER TABLE counts ADD COLUMN note INT NULL, DROP INDEX idx_n; DROP VIEW seen; CREATE TABLE made_by_hand (id INT PRIMARY KEY); INSERT INTO notes VALUES ('a person')"
const allow = ['--allow', 'DROP_COLUMN,DROP_INDEX,DROP_TABLE'] as const

const applied = { files: migrations, setUp: 'DO 0', prelude: [migrate] }
const fannedOut = { files: fanOutSet, setUp: fanOutSetUp(3), comparesDrift: false } as const
const rotated = { files: rotationFiles, setUp: rotationSetUp, comparesDrift: false, comparesRowsAlone: true } as const
const rotate = ['rotate', 'run', '--yes'] as const
const oldKey = ['--family', 'logs', '--key', oldDay] as const

export const writingCommands: readonly WritingCommand[] = [
  { name: 'migrate', files: migrations, setUp: 'DO 0', prelude: [], args: migrate },
  { name: 'rollback of one', ...applied, args: ['rollback', '--to', '0002', '--yes'] },
  { name: 'rollback of all', ...applied, args: ['rollback', '--to', '0', '--yes'] },
  { name: 'redo', ...applied, args: ['redo', '--yes', ...allow], next: migrate },
  {
    name: 'squash',
    ...applied,
    args: ['squash', '--to', '0002', '--yes'],
    nothingLeft: /earlier squash|less than two/,
  },
  {
    name: 'baseline',
    files: { 'migrations/app/.keep': '' },
    setUp: 'CREATE TABLE kept (id INT PRIMARY KEY); INSERT INTO kept VALUES (1)',
    prelude: [],
    args: ['baseline', '0001', '--from-live'],
  },
  { name: 'drift --accept', ...applied, byHand, args: ['drift', '--accept', 'by_hand'] },
  { name: 'drift --revert', ...applied, byHand, args: ['drift', '--revert', '--yes', ...allow] },
  { name: 'seed', files: seeds, setUp: seedTables, prelude: [], args: ['seed', '--yes'], comparesDrift: false },
  { name: 'rotate, premake and adopt', ...rotated, prelude: [], args: rotate },
  { name: 'rotate, seal', ...rotated, prelude: [rotate], args: rotate },
  { name: 'rotate, hold', ...rotated, prelude: [rotate, rotate], args: rotate },
  {
    name: 'shards unprotect',
    ...rotated,
    prelude: [rotate, ['shards', 'protect', ...oldKey, '--reason', 'case-117']],
    args: ['shards', 'unprotect', ...oldKey, '--reason', 'closed'],
  },
  {
    name: 'shards create',
    ...rotated,
    prelude: [rotate],
    args: ['shards', 'create', '--family', 'logs', '--key', '2027-06-01'],
  },
  { name: 'shards adopt', ...rotated, prelude: [], args: ['shards', 'adopt', '--yes'] },
  { name: 'fan-out', ...fannedOut, prelude: [], args: migrate },
  { name: 'rollback of a fan-out', ...fannedOut, prelude: [migrate], args: ['rollback', '--yes'] },
]
