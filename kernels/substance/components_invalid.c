/* SPDX-License-Identifier: MIT */
#include "kernels/substance/components.h"
#include "kernels/substance/rules.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *
csk_component_herbicide_application_invalid(const csk_component_herbicide_application_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->M_totalperA), "M_totalperA must be a number >= 0"},
        {csk_is_amount(p->T_objective), "T_objective must be a number >= 0"},
    };
    return csk_first_broken(rules, COUNT(rules));
}

const char *csk_component_herbicide_invalid(const csk_component_herbicide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->A_tot) && p->A_tot > 0.0, "A_tot must be a number > 0"},
        {csk_is_amount(p->A_appl), "A_appl must be a number >= 0"},
        {csk_is_share(p->k), "k must be in 0 .. 1"},
        {csk_is_share(p->Init_avail), "Init_avail must be in 0 .. 1"},
        {csk_is_share(p->Transfer_au) && p->Transfer_au < 1.0,
         "Transfer_au must be >= 0 and less than 1"},
        {csk_is_share(p->Transfer_ua) && p->Transfer_ua < 1.0,
         "Transfer_ua must be >= 0 and less than 1"},
        {csk_is_amount(p->Eta), "Eta must be a number >= 0"},
        {csk_is_amount(p->C_back), "C_back must be a number >= 0"},
    };
    return csk_first_broken(rules, COUNT(rules));
}

const char *csk_component_biocide_invalid(const csk_component_biocide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->M_totalperA), "M_totalperA must be a number >= 0"},
        {csk_is_amount(p->A_appl), "A_appl must be a number >= 0"},
        {csk_is_amount(p->Beta), "Beta must be a number >= 0"},
        {csk_is_amount(p->C_back), "C_back must be a number >= 0"},
    };
    return csk_first_broken(rules, COUNT(rules));
}

const char *csk_component_iwq_quality_application_invalid(
    const csk_component_iwq_quality_application_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->M_total), "M_total must be a number >= 0"},
        {csk_is_number(p->T_threshold), "T_threshold must be a number"},
        {csk_is_number(p->T_objective), "T_objective must be a number"},
        {csk_is_amount(p->f_daily), "f_daily must be a number >= 0"},
        {csk_is_number(p->rain_threshold), "rain_threshold must be a number"},
    };
    return csk_first_broken(rules, COUNT(rules));
}

const char *
csk_component_iwq_quality_pesticide_invalid(const csk_component_iwq_quality_pesticide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->area) && p->area > 0.0, "area must be a number > 0"},
        {csk_is_amount(p->area_applic), "area_applic must be a number >= 0"},
        {csk_is_amount(p->beta), "beta must be a number >= 0"},
        {csk_is_amount(p->appl_loss), "appl_loss must be a number >= 0"},
        {csk_is_amount(p->k_decay), "k_decay must be a number >= 0"},
        {p->theta_decay >= 0.5 && p->theta_decay < 1.5,
         "theta_decay must be at least 0.5 and less than 1.5"},
        {csk_is_amount(p->C_background), "C_background must be a number >= 0"},
    };
    return csk_first_broken(rules, COUNT(rules));
}

const char *
csk_component_iwq_quality_biocide_invalid(const csk_component_iwq_quality_biocide_parameters *p)
{
    const csk_rule rules[] = {
        {csk_is_amount(p->a_urban), "a_urban must be a number >= 0"},
        {csk_is_amount(p->M_stock), "M_stock must be a number >= 0"},
        {csk_is_amount(p->beta), "beta must be a number >= 0"},
        {csk_is_share(p->k_wwtp), "k_wwtp must be in 0 .. 1"},
        {csk_is_number(p->f_wwtp), "f_wwtp must be a number"},
        {csk_is_amount(p->C_background), "C_background must be a number >= 0"},
    };
    return csk_first_broken(rules, COUNT(rules));
}
