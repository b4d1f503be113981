-- wwdb:requires user_db/20260101000900
-- wwdb:when platform=vitess

-- migrate:up
ALTER VSCHEMA ON `contacts` ADD VINDEX `by_account` (`account_id`) USING xxhash;
ALTER VSCHEMA ON `contacts` ADD AUTO_INCREMENT `id` USING `user_db`.`contact_ids`;

ALTER VSCHEMA ON `groups` ADD VINDEX `by_account` (`account_id`) USING xxhash;
ALTER VSCHEMA ON `groups` ADD AUTO_INCREMENT `id` USING `user_db`.`group_ids`;

ALTER VSCHEMA ON `group_members` ADD VINDEX `by_group` (`group_id`) USING xxhash;
ALTER VSCHEMA ON `group_members` ADD AUTO_INCREMENT `id` USING `user_db`.`group_member_ids`;

-- migrate:down
ALTER VSCHEMA ON `group_members` DROP AUTO_INCREMENT;
ALTER VSCHEMA ON `group_members` DROP VINDEX `by_group`;

ALTER VSCHEMA ON `groups` DROP AUTO_INCREMENT;
ALTER VSCHEMA ON `groups` DROP VINDEX `by_account`;

ALTER VSCHEMA ON `contacts` DROP AUTO_INCREMENT;
ALTER VSCHEMA ON `contacts` DROP VINDEX `by_account`;
