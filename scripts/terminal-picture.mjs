// docs/pictures/migrate.svg: what a terminal shows of a real run, as a picture.
//
//   node scripts/terminal-picture.mjs               starts a sandbox, runs the built tool on a terminal, writes the picture
//   node scripts/terminal-picture.mjs --check URL   runs it on this server, and ends with 1 where the picture has other lines
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'
import { readScreen } from './terminal-screen.mjs'
import { drawScreen, textOfPicture } from './terminal-svg.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const launcher = join(root, 'bin/wwdb.js')
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
  return commands.flatMap((command, index) => {
    const prompt = [
      { text: '$ ', tone: 'faint' },
      { text: `wwdb ${command}`, tone: 'strong' },
    ]
    return [...(index === 0 ? [] : [[]]), prompt, ...readScreen(onTerminal(folder, variables, command))]
  })
}

function run(folder, variables, words) {
  return execFileSync(execPath, [launcher, ...words], { cwd: folder, env: { ...env, ...variables }, encoding: 'utf8' })
}

/** On a terminal of its own (util-linux's `script`), as wide as the picture. */
function onTerminal(folder, variables, word) {
  const command = `'${execPath}' '${launcher}' ${word}`
  const { CI: _ci, NO_COLOR: _color, ...others } = env
  return execFileSync('script', ['-qec', `stty cols ${columns} rows 50; exec ${command}`, '/dev/null'], {
    cwd: folder,
    env: { ...others, TERM: 'xterm', FORCE_COLOR: '1', ...variables },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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

function withProject(use) {
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-picture-'))
  for (const [name, text] of Object.entries(project)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function recordOnSandbox(folder) {
  run(folder, {}, ['sandbox', 'up', '--port', '13399'])
  try {
    const exports = run(folder, {}, ['sandbox', 'env']).matchAll(/^export (WWDB_\w+)='(.*)'$/gm)
    return record(folder, Object.fromEntries([...exports].map(([, name, value]) => [name, value])))
  } finally {
    run(folder, {}, ['sandbox', 'down', '--remove', '--yes'])
  }
}

const [mode, url] = argv.slice(2)
if (mode === '--check') {
  const seen = withProject((folder) => record(folder, { WWDB_URL: url }))
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
  writeFileSync(
    picture,
    drawScreen(withProject(recordOnSandbox), columns, 'A terminal with wwdb plan, migrate and status'),
  )
}
