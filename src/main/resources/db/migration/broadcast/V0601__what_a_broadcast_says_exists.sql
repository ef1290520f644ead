-- Programme versions and recordings are archived, never deleted; a broadcast can always tell what it said.
alter table broadcast_broadcast add constraint broadcast_broadcast_programme
    foreign key (programme_version_id) references programme_version (id);
alter table broadcast_asset add constraint broadcast_asset_recording
    foreign key (recording_id) references audio_recording (id);
