/* SPDX-License-Identifier: MIT */
/**
 * The children of this process: those that it forked, and the orphans that it adopted as subreaper.
 *
 * For the warden's processes only: single-threaded.
 */
#ifndef CS_MODEL_WARDEN_CHILDREN_H
#define CS_MODEL_WARDEN_CHILDREN_H

#include <stddef.h>
#include <sys/types.h>

/** Opens the kernel's list of this process's children: a descriptor; -1 where there is no such
 * list, which cs_children_each takes as well. */
int cs_children_open(void);

typedef void cs_child_action(pid_t pid, void *about);

/**
 * Does something for each child, dead ones that nobody has reaped among them.
 *
 * Who comes or goes meanwhile may be passed over: look again. Cost: 20 us; without the kernel's
 * list, a walk through /proc.
 */
void cs_children_each(int list, cs_child_action *action, void *about);

/**
 * Kills everything below this process, generation after generation, until there is nothing: the
 * children of the killed become children of this process, its descendants' subreaper.
 *
 * @param patience [in] s, after which it gives up: who waits for a dead disk cannot be killed
 * @return how many children are left
 */
size_t cs_children_kill_all(int list, double patience);

#endif
