/* SPDX-License-Identifier: MIT */
/**
 * A task: one block on its way from source to sink; and the messages that carry it.
 */
#ifndef CS_FARM_TASK_H
#define CS_FARM_TASK_H

#include "farm/farm.h"

typedef struct cs_task {
    struct cs_task *next; /* in whatever list it is */
    cs_block block;
    cs_bytes in, out;
    cs_block_report report;
} cs_task;

/** Makes an empty task for a block. Errors: CS_MEMORY. */
cs_status cs_task_new(cs_task **task, const cs_block *block, cs_error *err);

/** Releases a task and its buffers; NULL is fine. */
void cs_task_free(cs_task *task);

/** A list of tasks, first in first out. Zero-initialised: empty. */
typedef struct {
    cs_task *first, *last;
    size_t length;
} cs_task_list;

void cs_task_push(cs_task_list *list, cs_task *task);
cs_task *cs_task_pop(cs_task_list *list); /* NULL: empty */

/** Message tags. Heads are of fixed size and tell how long the body is that follows. */
enum { CS_TAG_WORK = 1, CS_TAG_WORK_BODY, CS_TAG_RESULT, CS_TAG_RESULT_BODY };

/** What a message to a rank says. */
enum { CS_WORD_WORK, CS_WORD_STOP /* the run shall stop: cause */, CS_WORD_END /* it has ended */ };

/** Head of a message to a rank. */
typedef struct {
    cs_block block;   /* to compute */
    uint64_t n_bytes; /* of the body; 0: no body follows */
    int32_t word;     /* CS_WORD_WORK.. */
    int32_t cause;    /* of a stop */
    cs_error error;   /* how the run ended */
    unsigned char padding[24];
} cs_work_head;

/** Head of a message to rank 0: a block's result; a block of no items: this rank was told to stop,
 * the block's index is the cause. */
typedef struct {
    cs_block block;
    uint64_t n_bytes; /* of the body; 0: no body follows */
    cs_block_report report;
    unsigned char padding[16];
} cs_result_head;

_Static_assert(sizeof(cs_work_head) % CS_COMM_UNIT == 0, "whole units");
_Static_assert(sizeof(cs_result_head) % CS_COMM_UNIT == 0, "whole units");

#endif
