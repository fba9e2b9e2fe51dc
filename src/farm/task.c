/* SPDX-License-Identifier: MIT */
#include "farm/task.h"

#include <stdlib.h>

cs_status cs_task_new(cs_task **task, const cs_block *block, cs_error *err)
{
    CS_TRY(cs_alloc(task, 1, sizeof **task, "a task", err));
    (*task)->block = *block;
    return CS_OK;
}

void cs_task_free(cs_task *task)
{
    if (task != NULL) {
        cs_bytes_free(&task->in);
        cs_bytes_free(&task->out);
        free(task);
    }
}

void cs_task_push(cs_task_list *list, cs_task *task)
{
    task->next = NULL;
    if (list->last != NULL) {
        list->last->next = task;
    } else {
        list->first = task;
    }
    list->last = task;
    list->length++;
}

cs_task *cs_task_pop(cs_task_list *list)
{
    cs_task *task = list->first;
    if (task != NULL) {
        list->first = task->next;
        list->last = list->first == NULL ? NULL : list->last;
        list->length--;
        task->next = NULL;
    }
    return task;
}
