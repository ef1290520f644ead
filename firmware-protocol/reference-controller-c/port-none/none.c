/* What `make size` measures besides the code: the one object a device needs. */
#include "../core/gb1.h"

struct gb1 gb1_core;
