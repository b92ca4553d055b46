#ifndef FRESHET_CXGBOOST_SHIM_H
#define FRESHET_CXGBOOST_SHIM_H

#include <xgboost/c_api.h>

#endif
