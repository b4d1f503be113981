import { expect, it } from 'vitest'
import { plainMessage } from '../../../src/mysql/vtgate.ts'

it.each([
  [
    `target: message_db.-80.primary: vttablet: rpc error: code = AlreadyExists desc = Table 'm1' already exists (errno 1050) (sqlstate 42S01) (CallerID: userData1): Sql: "create table m1 (id bigint)", BindVars: {}\ntarget: message_db.80-.primary: vttablet: rpc error: code = AlreadyExists desc = Table 'm1' already exists (errno 1050)`,
    "Table 'm1' already exists",
  ],
  [
    `target: user_db.0.primary: vttablet: rpc error: code = NotFound desc = Table 'x' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: u): Sql: "select x from x", BindVars: {vtg1: "type:VARCHAR value:\\"secret\\""}`,
    "Table 'x' doesn't exist",
  ],
  ["table 'm1' does not have a primary vindex", "table 'm1' does not have a primary vindex"],
  ['VT12001: unsupported: CREATE PROCEDURE', 'VT12001: unsupported: CREATE PROCEDURE'],
  [
    `Unknown column 'a' in 'field list' (errno 1054) (sqlstate 42S22): Sql: "select 'secret'"`,
    "Unknown column 'a' in 'field list'",
  ],
])('of %j leaves the words of the server', (message, plain) => {
  expect(plainMessage(message)).toBe(plain)
})
