-- wwdb:when platform=vitess

-- migrate:up
CREATE TABLE `contact_ids` (`id` INT NOT NULL PRIMARY KEY, `next_id` BIGINT NOT NULL, `cache` BIGINT NOT NULL) COMMENT='vitess_sequence';
INSERT INTO `contact_ids` (`id`, `next_id`, `cache`) VALUES (0, 1, 1000);
ALTER VSCHEMA ADD SEQUENCE `contact_ids`;

CREATE TABLE `group_ids` (`id` INT NOT NULL PRIMARY KEY, `next_id` BIGINT NOT NULL, `cache` BIGINT NOT NULL) COMMENT='vitess_sequence';
INSERT INTO `group_ids` (`id`, `next_id`, `cache`) VALUES (0, 1, 1000);
ALTER VSCHEMA ADD SEQUENCE `group_ids`;

CREATE TABLE `group_member_ids` (`id` INT NOT NULL PRIMARY KEY, `next_id` BIGINT NOT NULL, `cache` BIGINT NOT NULL) COMMENT='vitess_sequence';
INSERT INTO `group_member_ids` (`id`, `next_id`, `cache`) VALUES (0, 1, 1000);
ALTER VSCHEMA ADD SEQUENCE `group_member_ids`;

-- migrate:down
ALTER VSCHEMA DROP SEQUENCE `group_member_ids`;
DROP TABLE `group_member_ids`;

ALTER VSCHEMA DROP SEQUENCE `group_ids`;
DROP TABLE `group_ids`;

ALTER VSCHEMA DROP SEQUENCE `contact_ids`;
DROP TABLE `contact_ids`;
