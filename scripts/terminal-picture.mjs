// docs/pictures/migrate.svg: what a terminal shows of a real run, as a picture.
//
//   node scripts/terminal-picture.mjs               starts a sandbox, runs the built tool on a terminal, writes the picture
//   node scripts/terminal-picture.mjs --check URL   runs it on this server, and ends with 1 where the picture has other lines
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv, exit, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'
import { recordCommand, run, withSandbox } from './on-terminal.mjs'
import { drawScreen, textOfPicture } from './terminal-svg.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const picture = join(root, 'docs/pictures/migrate.svg')
const columns = 92

/** A project of two databases, of which one waits for the other: so the lines have one order. */
const project = {
  'wwdb.config.json': JSON.stringify({ databases: { user_db: {}, message_db: {} } }),
  'migrations/user_db/20260301000000_create_users.sql':
    '-- migrate:up\nCREATE TABLE users (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL);\n-- migrate:down\nDROP TABLE users;\n',
  'migrations/user_db/20260302000000_add_nick.sql':
    '-- migrate:up\nALTER TABLE users ADD COLUMN nick VARCHAR(64) NULL;\n-- migrate:down\nALTER TABLE users DROP COLUMN nick;\n',
  'migrations/message_db/20260301000000_create_messages.sql':
    '-- wwdb:requires user_db/20260302000000\n-- migrate:up\nCREATE TABLE messages (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, sender_id BIGINT UNSIGNED NOT NULL);\n-- migrate:down\nDROP TABLE messages;\n',
}

const commands = ['plan', 'migrate', 'status']

/** What a terminal shows of these commands, one behind the other. */
function record(folder, variables) {
  run(folder, variables, ['db', 'create'])
  return commands.flatMap((command, index) => [
    ...(index === 0 ? [] : [[]]),
    ...recordCommand(folder, variables, command, columns),
  ])
}

/** Times, addresses and versions are of one run: they change nothing of what is shown. */
function structureOf(line) {
  return line
    .replaceAll(/\d+(?:\.\d+)? m?s\b/g, 'TIME')
    .replaceAll(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}/g, 'DATE')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'SERVER')
    .replaceAll(/MySQL [\d.]+/g, 'MySQL')
    .replaceAll(/ {2,}/g, '  ')
    .trimEnd()
}

/** On a busy machine a reader may wait for longer than a line is left out for. */
const isShown = (line) => line !== '' && !line.includes('others waited at most')

async function withProject(use) {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-picture-'))
  for (const [name, text] of Object.entries(project)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [mode, url] = argv.slice(2)
if (mode === '--check') {
  const seen = await withProject((folder) => record(folder, { WWDB_URL: url }))
  const now = seen.map((line) => structureOf(line.map(({ text }) => text).join(''))).filter(isShown)
  const drawn = textOfPicture(readFileSync(picture, 'utf8'))
    .map(structureOf)
    .filter((line) => line !== '')
  if (JSON.stringify(now) !== JSON.stringify(drawn)) {
    stderr.write(`The picture shows:\n${drawn.join('\n')}\n\nThe tool prints:\n${now.join('\n')}\n`)
    stderr.write('Run `node scripts/terminal-picture.mjs`.\n')
    exit(1)
  }
} else {
  mkdirSync(dirname(picture), { recursive: true })
  const lines = await withProject((folder) => withSandbox(folder, 13399, (variables) => record(folder, variables)))
  writeFileSync(picture, drawScreen(lines, columns, 'A terminal with wwdb plan, migrate and status'))
}
