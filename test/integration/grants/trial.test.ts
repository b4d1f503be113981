import { expect } from 'vitest'
import { type Scene, tryGrants } from '../../helpers/grants/grant-matrix.ts'
import { migration, type Stage } from '../../helpers/tool/stage.ts'

const files = {
  'app/0001_owners.sql': migration(
    `CREATE TABLE owners (id BIGINT PRIMARY KEY, n INT);
INSERT INTO owners VALUES (1, 1);
ALTER TABLE owners ADD COLUMN m INT;
CREATE INDEX by_n ON owners (n);
UPDATE owners SET n = 2 WHERE id = 1;
DELETE FROM owners WHERE id = 9;
CREATE TABLE pets (id BIGINT PRIMARY KEY, owner BIGINT, FOREIGN KEY (owner) REFERENCES owners (id));
CREATE VIEW names AS SELECT id FROM owners;
CREATE VIEW gone AS SELECT id FROM owners;
CREATE OR REPLACE VIEW names AS SELECT id, n FROM owners;
DROP VIEW gone;`,
    'DROP VIEW names;\nDROP TABLE pets;\nDROP TABLE owners;',
  ),
  'app/0002_more.sql': migration(
    'ALTER TABLE owners ADD COLUMN z INT;\nCREATE INDEX by_m ON owners (m);\nALTER TABLE pets ADD COLUMN p BIGINT, ADD FOREIGN KEY (p) REFERENCES owners (id);\nRENAME TABLE pets TO animals;',
    'RENAME TABLE animals TO pets;\nALTER TABLE owners DROP COLUMN z;',
  ),
  'seeds/app/owners.yaml': 'table: owners\nkey: id\nrows:\n  - id: 2\n    n: 5\n',
  'shard-templates/app/notes.sql':
    '-- wwdb:keys app.owners(id)\n-- wwdb:name notes_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY) ENGINE=InnoDB;\n',
}

const migrated = [['migrate']]
const rotated = [['migrate'], ['rotate', 'run']]
/** A shard whose table was made by hand, and which the registry does not have. */
const strange = ['CREATE TABLE notes_7 (id BIGINT PRIMARY KEY)', 'INSERT INTO owners (id) VALUES (7)']
/** As if the files had been applied by hand. */
const unrecorded = ['DROP TABLE wwdb_journal', 'DROP TABLE wwdb_schema']
const shard = ['--family', 'notes', '--key', '1']

const scenes: readonly Scene[] = [
  { purposes: ['migrate'], command: ['migrate'], before: [] },
  {
    purposes: ['migrate'],
    command: ['plan'],
    before: [['migrate', '--steps', '1']],
    tries: /^(?:ALTER|INDEX|REFERENCES) ON .*scratch/,
  },
  { purposes: ['migrate'], command: ['rollback', '--yes', '--steps', '2'], before: migrated },
  { purposes: ['migrate'], command: ['redo', '--yes'], before: [['migrate', '--steps', '1']] },
  {
    purposes: ['migrate'],
    command: ['baseline', '0001', '--yes'],
    before: [['migrate', '--steps', '1']],
    byHand: unrecorded,
  },
  { purposes: ['migrate'], command: ['drift', '--replay'], before: migrated },
  { purposes: ['migrate'], command: ['mark', '0001', '--applied', '--yes'], before: [] },
  { purposes: ['migrate'], command: ['repair', '--yes'], before: migrated },
  { purposes: ['migrate'], command: ['db', 'ping'], before: [] },
  { purposes: ['migrate'], command: ['db', 'wait'], before: [] },
  { purposes: ['migrate'], command: ['lock', 'release', '--yes'], before: [] },
  { purposes: ['rotate'], command: ['rotate', 'run'], before: migrated, onOldest: true },
  { purposes: ['rotate'], command: ['rotate', 'plan'], before: migrated },
  { purposes: ['rotate'], command: ['template', 'check'], before: rotated },
  { purposes: ['rotate'], command: ['shards', 'create', ...shard], before: migrated },
  { purposes: ['rotate'], command: ['shards', 'protect', ...shard, '--reason', 'x'], before: rotated },
  {
    purposes: ['rotate'],
    command: ['shards', 'adopt', '--family', 'notes', '--yes'],
    before: rotated,
    byHand: strange,
  },
  { purposes: ['rotate'], command: ['shards', 'repair', '--yes'], before: rotated },
  { purposes: ['check'], command: ['status'], before: migrated },
  { purposes: ['check'], command: ['history'], before: migrated },
  { purposes: ['check'], command: ['lock', 'status'], before: migrated },
  { purposes: ['check'], command: ['drift'], before: migrated },
  { purposes: ['check'], command: ['schema', 'dump'], before: migrated },
  { purposes: ['check'], command: ['check', 'references'], before: migrated },
  { purposes: ['check'], command: ['shards', 'check'], before: rotated },
  { purposes: ['check'], command: ['shards', 'list'], before: rotated },
  // By hand a shard got a column: what brings it back is tried as well.
  {
    purposes: ['rotate'],
    command: ['shards', 'diff'],
    before: rotated,
    byHand: ['ALTER TABLE notes_1 ADD COLUMN extra INT'],
    exitCode: 1,
  },
  { purposes: ['check'], command: ['shards', 'locate', '--family', 'notes', '--key', '1'], before: rotated },
  { purposes: ['check'], command: ['config', 'validate'], before: migrated },
  { purposes: ['seed'], command: ['seed'], before: migrated },
  { purposes: ['seed'], command: ['seed', 'plan'], before: migrated },
]

/** A change of shards that is still to come, and a template with a foreign key to its sibling: both are made in a scratch schema. */
const shards = {
  ...files,
  'app/0003_body.sql': migration(
    'ALTER TABLE {{table}} ADD COLUMN body INT;\nCREATE INDEX by_body ON {{table}} (body);',
    'DROP INDEX by_body ON {{table}};\nALTER TABLE {{table}} DROP COLUMN body;',
    '-- wwdb:shards notes',
  ),
  'shard-templates/app/notes.sql': files['shard-templates/app/notes.sql'].replace(
    'PRIMARY KEY)',
    'PRIMARY KEY, body INT, KEY by_body (body))',
  ),
  'shard-templates/app/marks.sql':
    '-- wwdb:keys app.owners(id)\n-- wwdb:name marks_{key}\n-- wwdb:archive none\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, note BIGINT, FOREIGN KEY (note) REFERENCES {{sibling:notes}} (id)) ENGINE=InnoDB;\n',
}

/** Brings the shards to what they were before the change. */
async function beforeTheChange(stage: Stage): Promise<void> {
  stage.write('shard-templates/app/notes.sql', files['shard-templates/app/notes.sql'])
  stage.remove('app/0003_body.sql')
  for (const command of rotated) expect(await stage.run(command)).toMatchObject({ exitCode: 0 })
  stage.write('shard-templates/app/notes.sql', shards['shard-templates/app/notes.sql'])
  stage.write('app/0003_body.sql', shards['app/0003_body.sql'])
}

tryGrants({
  open: { files: shards, databases: ['app'] },
  scenes: [
    {
      purposes: ['rotate'],
      command: ['template', 'check'],
      before: [],
      prepare: beforeTheChange,
      tries: /^(?:SELECT|INDEX) ON .*scratch/,
    },
    { purposes: ['rotate'], command: ['rotate', 'run'], before: migrated },
  ],
})

tryGrants({ open: { files, databases: ['app'] }, scenes, isComplete: true })
