#ifndef GB1_TEST_TESTS_H
#define GB1_TEST_TESTS_H

void test_json(void);
void test_names(void);
void test_keyring(void);
void test_play(void);
void test_transfer(void);
void test_jitter(void);
void test_stick(void);
void test_vectors(const char *directory);
void test_scenarios(const char *directory);
/* scratch is a directory for files that are made meanwhile. */
void test_cases(const char *directory, const char *scratch);

#endif
