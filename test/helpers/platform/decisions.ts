/** Where the design puts each of the document's tables, and which of them it shards. */
export interface Placement {
  readonly database: string
  readonly sharded: boolean
}

const plain = (database: string): Placement => ({ database, sharded: false })
const sharded = (database: string): Placement => ({ database, sharded: true })

/** The document names the databases in prose; `wework_accounts` in none, so it goes where its instance is. */
export const placements: Readonly<Record<string, Placement>> = {
  users: plain('user_db'),
  roles: plain('user_db'),
  permissions: plain('user_db'),
  user_roles: plain('user_db'),
  role_permissions: plain('user_db'),
  user_sessions: plain('user_db'),
  login_logs: plain('user_db'),
  wework_instances: plain('instance_db'),
  instance_configs: plain('instance_db'),
  instance_monitors: sharded('instance_db'),
  wework_accounts: plain('instance_db'),
  contacts: sharded('contact_db'),
  groups: sharded('contact_db'),
  group_members: sharded('contact_db'),
  messages: sharded('message_db'),
  message_tasks: plain('message_db'),
  message_receivers: plain('message_db'),
  message_templates: plain('message_db'),
  system_logs: sharded('monitor_db'),
  audit_logs: plain('monitor_db'),
  alert_records: plain('monitor_db'),
}

/** The document ends in the middle of `alert_records`, after `notification_sent TINYINT(1) NOT NULL DEFAULT`. */
export const restOfAlertRecords = ` 0 COMMENT '是否已发送通知',
    notification_channels JSON DEFAULT NULL COMMENT '通知渠道',
    notified_at DATETIME DEFAULT NULL COMMENT '通知时间',
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',
    updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT '更新时间',

    PRIMARY KEY (id),
    UNIQUE KEY uk_alert_uuid (alert_uuid),
    KEY idx_rule_name (rule_name),
    KEY idx_alert_level (alert_level),
    KEY idx_status (status),
    KEY idx_instance_id (instance_id),
    KEY idx_source (source_type, source_id),
    KEY idx_acknowledged_by (acknowledged_by),
    KEY idx_resolved_by (resolved_by),
    KEY idx_created (created_at),

    FOREIGN KEY (acknowledged_by) REFERENCES users(id),
    FOREIGN KEY (resolved_by) REFERENCES users(id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='告警记录表';
`

/** The document lists a login log among the tables of `user_db` and gives no DDL for it. */
export const loginLogs = `CREATE TABLE login_logs (
    id BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT COMMENT '日志ID',
    log_uuid VARCHAR(36) NOT NULL COMMENT '日志UUID',
    user_id BIGINT(20) UNSIGNED DEFAULT NULL COMMENT '用户ID(账号不存在时为空)',
    username VARCHAR(100) NOT NULL COMMENT '登录账号: 用户名、邮箱或手机号',
    login_method VARCHAR(20) NOT NULL COMMENT '登录方式: password, two_factor, refresh_token',
    result VARCHAR(20) NOT NULL COMMENT '登录结果: SUCCESS, FAILURE',
    failure_reason VARCHAR(50) DEFAULT NULL COMMENT '失败原因: user_not_found, wrong_password, two_factor_failed, disabled, locked',
    session_id VARCHAR(128) DEFAULT NULL COMMENT '会话ID',
    device_type VARCHAR(20) DEFAULT NULL COMMENT '设备类型',
    device_id VARCHAR(100) DEFAULT NULL COMMENT '设备ID',
    user_agent TEXT DEFAULT NULL COMMENT '用户代理',
    ip_address VARCHAR(45) NOT NULL COMMENT 'IP地址',
    location VARCHAR(200) DEFAULT NULL COMMENT '登录位置',
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT '创建时间',

    PRIMARY KEY (id),
    UNIQUE KEY uk_log_uuid (log_uuid),
    KEY idx_user_created (user_id, created_at),
    KEY idx_username_created (username, created_at),
    KEY idx_ip_created (ip_address, created_at),
    KEY idx_result (result),
    KEY idx_session (session_id),
    KEY idx_created (created_at),

    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='登录日志表';
`
