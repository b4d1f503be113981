import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hideOpaque, hideSecrets } from '../../../src/stores/hide-secrets.ts'
import { explainError } from '../../../src/stores/redis/errors.ts'
import { refused } from '../../../src/stores/server-errors.ts'

test.each([
  [
    'Post "https://hooks.slack.com/services/T0/B0/abc": dial tcp: no such host',
    'Post "https://hooks.slack.com/***": dial tcp: no such host',
  ],
  ['https://api.telegram.org/bot123:AAE-x_y/sendMessage', 'https://api.telegram.org/***'],
  ['http://u:p4ss@host:8086/?token=abc failed', 'http://host:8086/*** failed'],
  ['connect to http://127.0.0.1:9/ refused', 'connect to http://127.0.0.1:9/ refused'],
  ['connect to http://127.0.0.1:9 refused', 'connect to http://127.0.0.1:9 refused'],
  ['{Authorization: "Token abc=="}', '{Authorization: "***"}'],
  ['Authorization: Basic dTpw, Accept: */*', 'Authorization: ***, Accept: */*'],
  ['password=hunter2; routing_key: "R0"', 'password=***; routing_key: "***"'],
  ['sent Bearer eyJhbGciOi0 to it', 'sent Bearer *** to it'],
  ['could not find bucket "pr_123_platform_metrics_hot"', 'could not find bucket "pr_123_platform_metrics_hot"'],
  ['unexpected token for comparison: STRING', 'unexpected token for comparison: STRING'],
  ['the rights of the token: unauthorized access', 'the rights of the token: unauthorized access'],
  ['password: "hunter", token: abc1', 'password: "***", token: ***'],
  ['the token expired yesterday', 'the token expired yesterday'],
  ['Authorization: ApiKey dTpw, Accept: */*', 'Authorization: ***, Accept: */*'],
  ['sent ApiKey VnVhQ2ZHY0JDZGJrU to it', 'sent ApiKey *** to it'],
  ['access_token=hunter&x=1 refused', 'access_token=*** refused'],
  ['client_secret: hunter', 'client_secret: ***'],
  ['sasl.signing_key=hunter', 'sasl.signing_key=***'],
  [String.raw`body "{\"password\":\"hunter two\",\"a\":1}"`, String.raw`body "{\"password\":\"***\",\"a\":1}"`],
  ['password = "a, b c", next', 'password = "***", next'],
  ["password='a b' next", "password='***' next"],
  ['password: hunter', 'password: ***'],
  ['password: hunter is wrong', 'password: *** is wrong'],
  ['password: "cut off here', 'password: "***'],
  ['mongodb://u:p4/ss@host:27017/db failed', 'mongodb://*** failed'],
  ['mongodb://u:p@ss@a:1,b:2/db failed', 'mongodb://a:1,b:2/*** failed'],
  ['http://u:p"x@host', 'http://***'],
  ['redis://u:pa ss@host refused', 'redis://*** refused'],
  ['redis://:12"34@h refused', 'redis://*** refused'],
  ['connect to http://host:8086 failed: mail admin@shop', 'connect to http://host:8086 failed: mail admin@shop'],
  ['password: [corr horse battery], a: 1', 'password: ***, a: 1'],
  ['{"token":{"encoded":"abc"},"a":1}', '{"token":***,"a":1}'],
  ['{"passwords":["x"],"a":1}', '{"passwords":***,"a":1}'],
  ['Authorization: Digest username="u", response="abcd"\nHost: h', 'Authorization: ***\nHost: h'],
  ['CONFIG SET requirepass hunter2', 'CONFIG SET requirepass ***'],
  ['password hunter2 is wrong', 'password *** is wrong'],
  ['the password is wrong, token 3 of 5', 'the password is wrong, token 3 of 5'],
  ["rules: ['on', '>hunter2', '~*']", "rules: ['on', '>***', '~*']"],
  ['r._value >5 and a >= b', 'r._value >5 and a >= b'],
  ["password: 'it''s mine', next", "password: '***', next"],
  ['unknown setting [index.sort_keys], key: { _id: 1 }', 'unknown setting [index.sort_keys], key: { _id: 1 }'],
  ['bypass: on, tokenizer: standard, tokens: 5', 'bypass: on, tokenizer: standard, tokens: 5'],
])('a text hides what may be a secret, and nothing else: %s', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown)
})

test.each([
  ['die: 4VZ_b7OW9uRUsVwVq5vG-3l0f1Zx8Q==', 'die: ***'],
  ['die: 0123456789abcdef0123456789abcdef', 'die: ***'],
  [
    'could not find bucket "pr_123_platform_metrics_hot" of 0a1b2c3d4e5f6071',
    'could not find bucket "pr_123_platform_metrics_hot" of 0a1b2c3d4e5f6071',
  ],
])('a text of a script hides opaque words, too: %s', (text, shown) => {
  expect(hideOpaque(text)).toBe(shown)
})

const word = fc.stringMatching(/^[A-Za-z0-9_-]{8,40}$/)

test('a message shows no path, no query and no user of an address, whatever stands around it', () => {
  fc.assert(
    fc.property(word, word, fc.constantFrom('', ' ', '"', "'", '`', ')'), (secret, user, end) => {
      fc.pre(!['https', 'example'].some((part) => part.includes(secret) || part.includes(user)))
      const shown = hideSecrets(
        `Post "https://${user}:${secret}@chat.example/a/${secret}?k=${secret}#${secret}${end} failed`,
      )
      expect(shown).toContain('https://chat.example/***')
      expect(shown).not.toContain(secret)
    }),
  )
})

const name = fc.constantFrom(
  ...['password', 'passwd', 'passphrase', 'pwd', 'token', 'access_token', 'refresh-token', 'client_secret', 'secret'],
  ...['api_key', 'apiKey', 'x-api-key', 'signing_key', 'Authorization', 'proxy-authorization', 'credentials'],
)

/** Any text, and a word in it by which a leak is found. */
const secret = fc
  .tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }))
  .map(([before, after]) => `${before}hunter2${after}`)

test('a quoted value is hidden whatever is in it, however deep the text is nested in JSON', () => {
  fc.assert(
    fc.property(name, secret, fc.string({ maxLength: 10 }), fc.nat(3), (key, value, other, depth) => {
      fc.pre(!other.includes('hunter2'))
      let text = JSON.stringify({ [key]: value, seen: 'the end' })
      for (let level = 0; level < depth; level += 1) text = JSON.stringify(`sent ${text}`)
      const shown = hideSecrets(`refused ${text}`)
      expect(shown).not.toContain('hunter2')
      expect(shown).toContain('the end')
    }),
  )
})

test('a value without quotation marks is hidden, with the scheme before it', () => {
  const signs = fc.constantFrom('=', ': ', ':', ' = ', '=>')
  const schemes = fc.constantFrom('', 'ApiKey ', 'Bearer ', 'Basic ', 'Token ')
  fc.assert(
    fc.property(name, signs, schemes, word, (key, sign, way, value) => {
      fc.pre(!/token|pass|secret|key|authorization|credential|basic|bearer|pwd/i.test(value))
      const shown = hideSecrets(`sent ${key}${sign}${way}${value}, refused`)
      expect(shown).not.toContain(value)
      expect(shown).toMatch(/, refused$/)
    }),
  )
})

test('no part of a password is shown of an address, whatever is in it', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9:/?#@%!$&*+,;=~_.-]{0,12}$/)
  fc.assert(
    fc.property(part, part, (before, after) => {
      const shown = hideSecrets(`connect to mongodb://user:${before}hunter2${after}@db.example:27017/admin failed`)
      expect(shown).not.toContain('hunter2')
      expect(shown).toMatch(/ failed$/)
    }),
  )
})

test('a secret is hidden in what a server of any store refused, and the rule of a user that Redis repeats', () => {
  const place = { kind: 'elasticsearch', product: 'Elasticsearch', server: 's' } as const
  expect(refused(place, 'url [https://h/x?key=SECRET1] is not allowed', 'x').faults[0]?.why).toBe(
    'url [https://h/*** is not allowed.',
  )
  const error = explainError(
    new Error("ERR Error in ACL SETUSER modifier '#SECRET2': The provided password hash must be exactly 64 characters"),
    's',
  )
  expect(error.faults[0]?.why).toContain("modifier '#***':")
})
