import type { InBoth } from '../../core/in-both.ts'
import type { Statement } from '../statement.ts'
import { isVschemaVerb } from '../statements/vschema.ts'
import { tokenize } from '../tokens.ts'
import { findForeignName, usesSession } from './foreign-names.ts'
import { elsewhere, type KeyspaceShape, type Refusal } from './refusal.ts'
import { refuseForm, refuseRename, repeats } from './refuse-form.ts'

/** What vtgate does not parse, or sends to the wrong place. */
const codeVerbs = /^(?:CREATE|ALTER|DROP) (?:PROCEDURE|FUNCTION|TRIGGER|EVENT)\b/

const outOfReach: Readonly<Partial<Record<Statement['class'], Refusal>>> = {
  call: {
    why: {
      en: 'vtgate calls a procedure on one shard alone, and wwdb could not tell whether it committed.',
      zh: 'vtgate 只在一个 shard 上调用存储过程，wwdb 无法知道它是否已提交。',
    },
    next: elsewhere,
  },
  execute: {
    why: {
      en: 'What a prepared statement runs is known only when it runs.',
      zh: '预处理语句执行什么，要到执行时才知道。',
    },
    next: { en: 'Write the statement itself.', zh: '请直接写出该语句。' },
  },
  account: {
    why: {
      en: 'vtgate has users of its own, in a file or a directory service; accounts of the MySQL servers are not its own.',
      zh: 'vtgate 有自己的用户，存放在文件或目录服务中；MySQL 服务器的账号不是它的用户。',
    },
    next: { en: 'Manage users where vtgate reads them.', zh: '请在 vtgate 读取用户的地方管理用户。' },
  },
  session: {
    why: {
      en: 'vtgate has many connections behind one session: what a statement sets or prepares may not be there for the next one, and a resumed run could not restore it.',
      zh: 'vtgate 的一个会话背后有多个连接：一条语句设置或准备的内容，下一条语句未必能看到，恢复的运行也无法还原。',
    },
    next: {
      en: 'Write the value into the statement that uses it; `session` of the configuration sets the time zone and the SQL mode.',
      zh: '请把值直接写进使用它的语句；时区和 SQL 模式由配置中的 `session` 设置。',
    },
  },
  maintenance: {
    why: { en: 'vtgate sends it to one shard, or refuses it.', zh: 'vtgate 只把它发给一个 shard，或拒绝执行。' },
    next: elsewhere,
  },
}

/** What Vitess refuses, or what would take the tables of a keyspace away from their shard. */
function refuseVschema({ verb }: Statement, { isSharded }: KeyspaceShape): Refusal | null {
  if (isSharded === true && /^ALTER VSCHEMA (?:ADD|DROP) (?:TABLE|SEQUENCE)$/.test(verb))
    return {
      why: {
        en: `Vitess does not run ${verb} in a sharded keyspace: its tables are there by their vindexes, and sequences are kept in a keyspace that is not sharded.`,
        zh: `Vitess 不在有多个 shard 的 keyspace 中执行 ${verb}：那里的表由各自的 vindex 标明，而序列放在只有一个 shard 的 keyspace 中。`,
      },
      next: verb.endsWith('TABLE')
        ? {
            en: 'Write `ALTER VSCHEMA ON table ADD VINDEX ...`, or `DROP VINDEX` of its last vindex.',
            zh: '请写 `ALTER VSCHEMA ON table ADD VINDEX ...`，或对它的最后一个 vindex 写 `DROP VINDEX`。',
          }
        : {
            en: 'Write it as a migration of a database whose keyspace is not sharded.',
            zh: '请写成 keyspace 只有一个 shard 的那个库的迁移。',
          },
    }
  if (isSharded === false && /^ALTER VSCHEMA (?:CREATE|ADD) VINDEX$/.test(verb))
    return {
      why: {
        en: 'The first vindex makes a keyspace sharded for vtgate, which then finds none of the tables that have no vindex, such as the journal.',
        zh: '第一个 vindex 会使 vtgate 按 vindex 查找该 keyspace 的行，此后没有 vindex 的表（例如日志表）就都找不到了。',
      },
      next: {
        en: 'Change the VSchema of such a keyspace as a whole, with `vtctldclient ApplyVSchema`.',
        zh: '请用 `vtctldclient ApplyVSchema` 整体修改这种 keyspace 的 VSchema。',
      },
    }
  return null
}

/** Why a statement is not given to vtgate; null where it is. Pure. */
export function refuseStatement(statement: Statement, shape: KeyspaceShape): Refusal | null {
  const { verb } = statement
  const isOfKeyspace = isVschemaVerb(verb)
  return (
    refuseVerb(verb, shape) ??
    (isOfKeyspace ? refuseVschema(statement, shape) : null) ??
    outOfReach[statement.class] ??
    refuseForm(statement, shape) ??
    refuseMark(statement) ??
    refuseText(statement, shape) ??
    refuseKey(statement)
  )
}

function refuseVerb(verb: string, { isSharded }: KeyspaceShape): Refusal | null {
  if (codeVerbs.test(verb))
    return {
      why: {
        en: `vtgate does not run ${verb}: ${isSharded === true ? 'a sharded keyspace has no procedures, functions, triggers and events' : 'it does not parse it, or runs it on one tablet alone'}.`,
        zh: `vtgate 不执行 ${verb}：${isSharded === true ? '有多个 shard 的 keyspace 没有存储过程、函数、触发器和事件' : '它不解析该语句，或只在一个 tablet 上执行'}。`,
      },
      next: elsewhere,
    }
  if (verb.includes('TEMPORARY'))
    return {
      why: {
        en: 'vtgate keeps a temporary table on one connection to one tablet, and a resumed run could not make it again.',
        zh: 'vtgate 把临时表放在通往一个 tablet 的一个连接上，恢复的运行无法重新创建它。',
      },
      next: { en: 'Use a plain table and drop it at the end.', zh: '请使用普通表，并在最后删除它。' },
    }
  if (verb.startsWith('RENAME')) return refuseRename(verb)
  if (verb.startsWith('TRUNCATE'))
    return {
      why: repeats(verb),
      next: {
        en: 'DELETE the rows, or drop the table and create it again.',
        zh: '请用 DELETE 删除行，或删除并重建该表。',
      },
    }
  if (/\b(?:CREATE|ALTER|DROP) (?:DATABASE|SCHEMA)\b/.test(verb))
    return {
      why: {
        en: 'A keyspace is made and removed with its shards and its topology.',
        zh: 'keyspace 连同它的 shard 和拓扑一起创建和删除。',
      },
      next: { en: 'Use `vtctldclient`.', zh: '请使用 `vtctldclient`。' },
    }
  return null
}

/** vtgate refuses it in either strategy. */
function refuseKey({ references }: Statement): Refusal | null {
  if (references.length === 0) return null
  return {
    why: {
      en: 'Vitess takes no foreign key in a definition that it runs as a migration, online or as plain DDL, without `--unsafe-allow-foreign-keys`, which wwdb does not set.',
      zh: '不加 `--unsafe-allow-foreign-keys` 时（wwdb 不加），Vitess 作为迁移执行的定义（在线或普通 DDL）中不能有外键。',
    },
    next: {
      en: 'Leave the foreign key out, in a file of its own with `-- wwdb:when platform=mysql` where MySQL is to have it.',
      zh: '请去掉外键；MySQL 需要它时，放进单独的文件并写 `-- wwdb:when platform=mysql`。',
    },
  }
}

/** A schema as an object names it; empty where it names none. */
const resolveName = (schema: string | null, resolve: KeyspaceShape['resolve']): string =>
  schema?.includes('{{') === true ? (tokenize(resolve(schema))[0]?.text ?? schema) : (schema ?? '')

/** What its text names that a keyspace does not have, or must not be given. */
function refuseText(statement: Statement, { keyspace, resolve }: KeyspaceShape): Refusal | null {
  const tokens = tokenize(resolve(statement.text))
  if (statement.userVariables.length > 0 || usesSession(tokens))
    return {
      why: {
        en: 'It uses what a session keeps between statements, which vtgate does not keep after a lost connection.',
        zh: '它使用会话在语句之间保留的内容，而连接丢失后 vtgate 不保留这些内容。',
      },
      next: {
        en: 'Write the value itself, or a subquery that finds it.',
        zh: '请直接写出该值，或写一个能查到它的子查询。',
      },
    }
  const named = [...statement.references, ...statement.objects].map(({ schema, name }) => ({
    qualifier: resolveName(schema, resolve),
    name,
  }))
  const other =
    named.find(({ qualifier }) => qualifier !== '' && qualifier !== keyspace) ??
    // A sequence, or the table of a lookup vindex, is in another keyspace by its nature.
    (isVschemaVerb(statement.verb) ? null : findForeignName(tokens, keyspace))
  if (other === null) return null
  const isReference = statement.references.some(({ schema, name }) => schema !== null && name === other.name)
  return {
    why: {
      en: `It names \`${other.qualifier}\`.\`${other.name}\`, which is not in the keyspace \`${keyspace}\`${isReference ? ': a foreign key cannot cross keyspaces' : ': a migration changes and reads its own keyspace alone'}.`,
      zh: `它写了 \`${other.qualifier}\`.\`${other.name}\`，而这不在 keyspace \`${keyspace}\` 中：${isReference ? '外键不能跨 keyspace' : '迁移只修改和读取自己的 keyspace'}。`,
    },
    next: isReference
      ? {
          en: 'Leave the foreign key out: `references` of the configuration can be `logical`.',
          zh: '请去掉外键：配置中的 `references` 可以是 `logical`。',
        }
      : {
          en: 'Write it as a migration of that database, or do it in the application. Write AS before an alias.',
          zh: '请写成那个库的迁移，或在应用中完成。别名前请写 AS。',
        },
  }
}

function refuseMark({ batch, online, retire }: Statement): Refusal | null {
  const mark = batch !== undefined ? 'batch' : online !== undefined ? 'online' : retire !== undefined ? 'retire' : null
  if (mark === null) return null
  const instead: InBoth =
    mark === 'online'
      ? {
          en: 'Vitess makes the change online itself where `ddlStrategy` is `vitess`.',
          zh: '`ddlStrategy` 为 `vitess` 时，Vitess 自己在线完成该变更。',
        }
      : {
          en: 'vtgate has nothing that wwdb could walk by key and hold meanwhile.',
          zh: 'vtgate 没有可供 wwdb 按键逐段处理并在此期间保持的对象。',
        }
  return {
    why: {
      en: `\`-- wwdb:${mark}\` does not work through vtgate. ${instead.en}`,
      zh: `\`-- wwdb:${mark}\` 经由 vtgate 不起作用。${instead.zh}`,
    },
    next: { en: 'Remove the line.', zh: '请删除该行。' },
  }
}
